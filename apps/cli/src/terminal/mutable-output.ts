/** The line editor's output. While it is muted, nothing that the editor echoes reaches the terminal. */
import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

/** A stream to the terminal that can be muted. It is muted at first. */
export class MutableOutput extends Writable {
  readonly #target: WriteStream;
  muted = true;

  constructor(target: WriteStream) {
    super({ decodeStrings: false });
    this.#target = target;
    target.on('resize', this.#resized);
  }

  get columns(): number {
    return this.#target.columns;
  }

  get rows(): number {
    return this.#target.rows;
  }

  get isTTY(): true {
    return true;
  }

  readonly #resized = (): void => {
    this.emit('resize');
  };

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.muted) this.#target.write(chunk);
    done();
  }

  /** Detaches from the terminal. */
  release(): void {
    this.#target.off('resize', this.#resized);
  }
}
