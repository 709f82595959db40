/** A user whose chat runs in a process of its own, and reads the lines that the user types. */
import { join } from 'node:path';
import { type Child, type Ended, startChild } from '@chat/testkit';
import { withoutSettings } from './environment.ts';

const cli = join(import.meta.dirname, '../../apps/cli/dist/main.js');

export class Typist {
  readonly #child: Child;

  /** @param line an invitation line; null for a user who has a profile */
  constructor(folder: string, user: string, line: string | null, environment: NodeJS.ProcessEnv = {}) {
    const settings = { CHAT_HOME: join(folder, user), CHAT_USER: user, CHAT_PASSWORD: 'long enough to be one' };
    this.#child = startChild(process.execPath, [cli, ...(line === null ? [] : [line])], {
      env: { ...withoutSettings(), ...settings, ...environment },
      input: 'open',
    });
  }

  type(...lines: readonly string[]): void {
    for (const line of lines) this.#child.stdin.write(`${line}\n`);
  }

  /** Resolves once the program has printed this. */
  async shows(pattern: RegExp): Promise<void> {
    await this.#child.prints(pattern);
  }

  get screen(): string {
    return this.#child.out;
  }

  /** Resolves when the program has ended by itself. */
  get ended(): Promise<Ended> {
    return this.#child.ended;
  }

  async quit(): Promise<void> {
    this.type('/quit');
    await this.#child.ended;
  }
}
