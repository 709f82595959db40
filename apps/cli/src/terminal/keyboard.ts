/** The keyboard as the line editor reads it: the terminal's bytes, with each paste turned into one line. */
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { createPasteReader } from './paste.ts';

/** The stream of keys that the line editor reads. */
export class Keyboard extends Transform {
  readonly #source: ReadStream;
  readonly #decoder = new StringDecoder('utf8');
  readonly #read = createPasteReader();

  constructor(source: ReadStream) {
    super();
    this.#source = source;
    source.pipe(this);
  }

  get isRaw(): boolean {
    return this.#source.isRaw;
  }

  /** The line editor calls this to receive single keys, and to restore the terminal. */
  setRawMode(raw: boolean): this {
    this.#source.setRawMode(raw);
    return this;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const keys = this.#read(this.#decoder.write(chunk));
    done(null, keys === '' ? undefined : keys);
  }

  /** Stops reading the terminal, so that the process can end. */
  release(): void {
    this.#source.unpipe(this);
    this.#source.pause();
  }
}
