/** A writer in a process of its own, which is killed and started again. It remembers what all its processes have printed. */
import { join } from 'node:path';
import type { Endpoint } from '@chat/client/node';
import { type Child, startChild } from '@chat/testkit';
import { User } from '../support/people.ts';

const program = join(import.meta.dirname, 'writer.ts');

export class WriterProcess {
  readonly #args: readonly string[];
  /** Null while the writer is stopped. */
  #child: Child | null = null;
  /** What the processes before this one have printed. */
  #before = '';

  private constructor(args: readonly string[]) {
    this.#args = args;
    this.start();
  }

  /** Enrols the writer, lets it join the room, and starts its process. */
  static async enrol(folder: string, address: Endpoint, user: string): Promise<WriterProcess> {
    const home = join(folder, user);
    const person = await User.enrol(home, address, user);
    await person.join('lobby');
    await person.client.close();
    return new WriterProcess([join(home, 'clients'), user, User.password]);
  }

  /** Returns what the writer printed after this word. */
  printed(word: 'sent' | 'acknowledged' | 'violation'): string[] {
    const lines = `${this.#before}${this.#child?.out ?? ''}`.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  /** Resolves when this process has delivered `count` more texts. */
  async delivers(count: number): Promise<void> {
    const child = this.#child;
    if (child === null) throw new Error('the writer is stopped');
    const from = child.out.length;
    for (;;) {
      const { out } = child;
      if ((out.slice(from).match(/^delivered /gm) ?? []).length >= count) return;
      if (child.hasEnded) throw new Error(`the writer has ended: ${child.err}`);
      await child.outputBeyond(out.length);
    }
  }

  /** Starts a process, which goes on with the next number. */
  start(): void {
    const last =
      this.#before
        .match(/^sent \S+ (\d+)$/gm)
        ?.at(-1)
        ?.split(' ')[2] ?? '0';
    const args = ['--conditions=@chat/source', program, ...this.#args, `${Number(last) + 1}`];
    this.#child = startChild(process.execPath, args);
  }

  /** Kills the process. */
  async kill(): Promise<void> {
    const { out } = (await this.#child?.kill('SIGKILL')) ?? { out: '' };
    this.#before += out.slice(0, out.lastIndexOf('\n') + 1);
    this.#child = null;
  }
}
