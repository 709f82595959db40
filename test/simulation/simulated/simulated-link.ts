/** One connection between a client and the server. Bytes arrive complete and in order, late, or not at all. */
import { ClientError, type Link } from '@chat/client';
import type { Fingerprint, UserName } from '@chat/protocol';
import { caFingerprint, channel, type SimulatedServer } from './simulated-server.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import type { SimulatedTime } from './simulated-time.ts';

/** An attacker between client and server, who replaces the bytes of both directions. */
export interface Rewriting {
  toClient(bytes: Uint8Array): Uint8Array;
  toServer(bytes: Uint8Array): Uint8Array;
}

export interface LinkOptions {
  readonly time: SimulatedTime;
  readonly server: SimulatedServer;
  readonly user: UserName;
  /** Fingerprint of the key for which the user's certificate was issued; null on a connection to the enrolment port. */
  readonly certificate: Fingerprint | null;
  /** Returns how long the next bytes take, in ms. */
  readonly delay: () => number;
  readonly rewriting: Rewriting | null;
}

/** One direction. Order is kept, and bytes that are due together arrive as one chunk. */
class Direction {
  readonly #options: LinkOptions;
  readonly #arrive: (bytes: Uint8Array) => void;
  #waiting: Uint8Array[] = [];
  #due = 0;

  constructor(options: LinkOptions, arrive: (bytes: Uint8Array) => void) {
    this.#options = options;
    this.#arrive = arrive;
  }

  send(bytes: Uint8Array): void {
    const { time, delay } = this.#options;
    const due = Math.max(this.#due, time.elapsed + delay());
    if (due === this.#due && this.#waiting.length > 0) {
      this.#waiting.push(bytes);
      return;
    }
    this.#due = due;
    const waiting = [bytes];
    this.#waiting = waiting;
    time.after(due - time.elapsed, () => {
      const [only] = waiting;
      this.#arrive(waiting.length === 1 && only !== undefined ? only : Buffer.concat(waiting));
      waiting.length = 0;
    });
  }

  /** Runs `action` when everything that was sent before has arrived. */
  last(action: () => void): void {
    this.#options.time.after(Math.max(0, this.#due - this.#options.time.elapsed), action);
  }
}

export class SimulatedLink implements Link {
  readonly channel = channel;
  readonly serverId = caFingerprint;
  readonly #toServer: Direction;
  readonly #rewriting: Rewriting | null;
  readonly #socket: SimulatedSocket;
  #data: (chunk: Uint8Array) => void = () => {};
  #closed: (cause: Error | null) => void = () => {};
  #open = true;

  constructor(options: LinkOptions) {
    const { server, user, certificate, rewriting } = options;
    this.#rewriting = rewriting;
    const toClient = new Direction(options, (bytes) => {
      if (!this.#open) return;
      const shown = rewriting === null ? bytes : rewriting.toClient(bytes);
      if (shown.length > 0) this.#data(shown);
    });
    const deliver = (bytes: Uint8Array) => toClient.send(bytes);
    const ended = () => toClient.last(() => this.#end(null));
    this.#socket =
      certificate === null ? server.acceptEnrolment(deliver, ended) : server.accept(user, certificate, deliver, ended);
    this.#toServer = new Direction(options, (bytes) => {
      if (this.#open && !this.#socket.destroyed && bytes.length > 0) this.#socket.push(bytes);
    });
  }

  send(bytes: Uint8Array): void {
    if (this.#open) this.#toServer.send(this.#rewriting === null ? bytes : this.#rewriting.toServer(bytes));
  }

  receive(data: (chunk: Uint8Array) => void, closed: (cause: Error | null) => void): void {
    this.#data = data;
    this.#closed = closed;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.destroy();
  }

  /** Breaks the connection. Bytes in flight are lost. */
  cut(): void {
    this.#end(new ClientError('unreachable', 'The connection was cut.'));
  }

  #end(cause: Error | null): void {
    if (!this.#open) return;
    this.close();
    this.#closed(cause);
  }
}
