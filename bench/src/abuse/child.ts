/** A process of the benchmark that answers questions. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

interface Answer {
  readonly id: number;
  readonly answer: unknown;
}

/** A program of this folder in a process of its own. */
export class Child {
  readonly #process: ChildProcess;
  #lastId = 0;

  constructor(program: string, execArgv: readonly string[] = []) {
    const options = { execArgv: [...process.execArgv, ...execArgv] };
    this.#process = fork(join(import.meta.dirname, program), [], options);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Sends the first message. */
  start(message: object): void {
    this.#process.send(message);
  }

  /** Resolves with the next message. */
  async firstAnswer(): Promise<unknown> {
    const [answer] = await once(this.#process, 'message');
    return answer;
  }

  /** Resolves with the answer to a question. */
  ask(what: string): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const read = (message: Answer): void => {
        if (message.id !== id) return;
        this.#process.off('message', read);
        resolve(message.answer);
      };
      this.#process.on('message', read);
      this.#process.send({ id, what });
    });
  }

  /** Ends the process. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
  }
}
