/** `chat` as scripts run it: one process, its output and its exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withoutSettings } from './environment.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running extends Promise<Ended> {
  /** Resolves when this was printed. */
  prints(wanted: RegExp): Promise<void>;
  stop(): void;
}

/** A user's commands: their profile, and the password in the environment. */
export function commandsOf(home: string, user: string, password: string) {
  return (args: readonly string[], input = ''): Running => {
    const env = { ...withoutSettings(), CHAT_HOME: home, CHAT_USER: user, CHAT_PASSWORD: password };
    const child = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.stdin.on('error', () => {
      // It may end before it has read what it was given.
    });
    child.stdin.end(input);
    const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, out, err }));
    return Object.assign(ended, {
      prints: (wanted: RegExp) =>
        new Promise<void>((resolve, reject) => {
          const check = () => {
            if (wanted.test(out)) resolve();
          };
          child.stdout.on('data', check);
          child.once('close', () => reject(new Error(`ended without ${wanted}: ${out}${err}`)));
          check();
        }),
      stop: () => void child.kill('SIGTERM'),
    });
  };
}
