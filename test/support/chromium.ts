/** A real browser without a window, with a new profile of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Folder, temporaryFolder } from './folder.ts';

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

export class Chromium implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #profile: Folder;
  #errors = '';
  /** Rejects when the browser ends before it is disposed of, with what it printed. */
  readonly failure: Promise<never>;

  private constructor(child: ChildProcess, profile: Folder) {
    this.#child = child;
    this.#profile = profile;
    child.stderr?.on('data', (chunk) => {
      this.#errors += String(chunk);
    });
    this.failure = once(child, 'close').then(([code, signal]) => {
      throw new Error(`the browser ended (${code ?? signal}):\n${this.#errors}`);
    });
    this.failure.catch(() => undefined); // it may end when nobody waits any more
  }

  static async open(url: string): Promise<Chromium> {
    const profile = await temporaryFolder();
    const args = [...flags, `--user-data-dir=${join(profile.path, 'profile')}`, url];
    const child = spawn('chromium', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: profile.path, TMPDIR: profile.path },
      detached: true,
    });
    return new Chromium(child, profile);
  }

  /** Ends it with all its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const closed = once(this.#child, 'close');
      process.kill(-pid, 'SIGKILL');
      await closed;
    }
    await this.#profile[Symbol.asyncDispose]();
  }
}
