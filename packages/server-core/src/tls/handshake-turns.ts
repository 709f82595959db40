/**
 * Starts TLS handshakes one after the other: one in each turn of the event loop. A handshake is the longest work that the server
 * does for a connection at once, and strangers can ask for hundreds at the same moment; users who have logged in must not wait
 * until all of them are done.
 */

/** The handshakes that wait for their turn. The ports of a server share them. */
export class HandshakeTurns {
  readonly #waiting: (() => void)[] = [];

  /** Calls `start` in one of the next turns, in the order of the calls. It must not throw. */
  take(start: () => void): void {
    this.#waiting.push(start);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    const [start] = this.#waiting;
    start?.();
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
