/**
 * Lines on their way to a file descriptor. Whoever writes neither waits nor is told of a failure: what a full pipe, a full
 * disk or a terminal that is gone does not take is dropped once too much is waiting, and counted.
 */
import { write } from 'node:fs';

/** Characters that may wait. */
const most = 1024 * 1024;
/** Milliseconds to the next try when the descriptor takes nothing at the moment. */
const pause = 50;

export type WriteTo = (
  fd: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

export class LineWriter {
  readonly #fd: number;
  readonly #write: WriteTo;
  #waiting: string[] = [];
  #length = 0;
  #dropped = 0;
  #idle: Promise<void> | null = null;

  constructor(fd: number, writeTo: WriteTo = write) {
    this.#fd = fd;
    this.#write = writeTo;
  }

  /** Lines that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line, its line feed included. */
  write(line: string): void {
    if (this.#length + line.length > most) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#length += line.length;
    this.#idle ??= this.#run();
  }

  /** Resolves when nothing is waiting any more: everything is written, or dropped. */
  async flushed(): Promise<void> {
    await this.#idle;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeAll(Buffer.from(lines.join('')));
      } catch {
        // There is nowhere to say so; the next lines are tried anew.
        this.#dropped += lines.length;
      }
      // Not before: what is being written is in memory too.
      for (const line of lines) this.#length -= line.length;
    }
    this.#idle = null;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(await this.#writeSome(rest));
  }

  #writeSome(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#write(this.#fd, bytes, (error, written) => {
        if (error === null) resolve(written);
        else if (error.code === 'EAGAIN') setTimeout(resolve, pause, 0);
        else reject(error);
      });
    });
  }
}
