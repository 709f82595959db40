/** A real browser without a window, with a new profile of its own. */
import { join } from 'node:path';
import { startChild, temporaryFolder } from '@chat/testkit';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser that shows one page. Disposing of it ends it with all its processes. */
export interface Chromium extends AsyncDisposable {
  /** Rejects when the browser ends by itself, with what it printed. */
  readonly failure: Promise<never>;
}

/** Starts a browser that loads `url`. */
export function openChromium(url: string): Chromium {
  const profile = temporaryFolder();
  const args = [...flags, `--user-data-dir=${join(profile.path, 'profile')}`, url];
  const env = { ...process.env, HOME: profile.path, TMPDIR: profile.path };
  const child = startChild('chromium', args, { env });
  const failure = child.ended.then(({ code, signal, err }) => {
    throw new Error(`the browser ended (${code ?? signal}):\n${err}`);
  });
  failure.catch(() => undefined); // it also ends when it is disposed of, and then no caller waits
  return {
    failure,
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await profile[Symbol.asyncDispose]();
    },
  };
}
