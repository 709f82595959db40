/** The server's end of a connection in memory. */
import { Duplex } from 'node:stream';

export class SimulatedSocket extends Duplex {
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #ended: () => void;

  /**
   * @param deliver receives what the server sends
   * @param ended called when the server has ended the connection, after the last bytes
   */
  constructor(deliver: (bytes: Uint8Array) => void, ended: () => void) {
    super();
    this.#deliver = deliver;
    this.#ended = ended;
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _: BufferEncoding, done: () => void): void {
    this.#deliver(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.#ended();
    // The client sends nothing after the server's `bye`.
    this.push(null);
    done();
  }
}
