/**
 * Writes lines to a file descriptor in the background. The caller neither waits nor sees an error. Lines that a full pipe, a
 * full disk or a closed terminal does not accept are dropped and counted once too many wait.
 */
import { write } from 'node:fs';

const maxWaitingCharacters = 1024 * 1024;
/** The delay before the next attempt when the descriptor accepts nothing at the moment. */
const retryDelayMs = 50;

/** Writes bytes to a file descriptor, like `write` of `node:fs`. */
export type WriteTo = (
  fd: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** Writes lines to one file descriptor, in order. */
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

  /** The number of lines dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Queues a line, which ends in a line feed. */
  write(line: string): void {
    if (this.#length + line.length > maxWaitingCharacters) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#length += line.length;
    this.#idle ??= this.#run();
  }

  /** Resolves when no line waits: each is written or dropped. */
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
        // This is the log, so there is nowhere to report it. The next lines are tried again.
        this.#dropped += lines.length;
      }
      // Only now, because lines that are being written are in memory too.
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
        else if (error.code === 'EAGAIN') setTimeout(resolve, retryDelayMs, 0);
        else reject(error);
      });
    });
  }
}
