/** The line editor's view of the output, which can be shut: what is typed meanwhile does not appear. */
import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

export class Shutter extends Writable {
  readonly #target: WriteStream;
  shut = true;

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
    if (!this.shut) this.#target.write(chunk);
    done();
  }

  release(): void {
    this.#target.off('resize', this.#resized);
  }
}
