/** The connections of a holder, and how many there may be. */
import type { Socket } from 'node:net';
import { Lines } from '../local-messages.ts';
import type { ServedClient } from './served-client.ts';

/** Programs that use the profile beside the holder. */
const maxProved = 16;
/** Connections of which nothing is known. One more ends the earliest. */
const maxUnproved = 16;
/** Bytes that wait for a guest that does not read. More end its connection. */
const maxWaitingBytes = 32 * 1024 * 1024;
/** Calls of a guest that are not answered. With more, nothing is read from it until some are. */
const maxCalls = 4_096;

/** One connection. */
export class Guest {
  readonly socket: Socket;
  readonly lines = new Lines();
  /** `proving` from its first message on, `proved` once that has proved the password, and `ready` when it is served. */
  state: 'new' | 'proving' | 'proved' | 'ready' = 'new';
  /** Serves a guest that has proved the password. */
  admit: (served: ServedClient) => void = () => undefined;
  readonly #left = new AbortController();
  /** Size of the longest line that may wait, in bytes: one greeting or one answer may be more than what may wait. */
  #longest = 0;
  #calls = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.once('close', () => this.#left.abort());
    socket.on('drain', () => {
      this.#longest = 0;
    });
  }

  /** Aborted when the connection has ended. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** Sends a line. Ends the connection if too much waits already: a guest that reads gets each line, however long. */
  write(line: string): void {
    const { socket } = this;
    if (socket.destroyed || socket.writableEnded) return;
    if (socket.writableLength > maxWaitingBytes + this.#longest) {
      socket.destroy();
      return;
    }
    this.#longest = Math.max(this.#longest, Buffer.byteLength(line));
    socket.write(line);
  }

  /** Counts a call until it is answered. */
  async during(answering: Promise<void>): Promise<void> {
    this.#calls += 1;
    if (this.#calls === maxCalls) this.socket.pause();
    await answering;
    if (this.#calls === maxCalls) this.socket.resume();
    this.#calls -= 1;
  }
}

/** All connections of a holder. */
export class Guests implements Iterable<Guest> {
  readonly #guests = new Set<Guest>();

  /** The number of the connections. */
  get size(): number {
    return this.#guests.size;
  }

  /** True if one more program may use the profile. */
  get haveRoom(): boolean {
    return this.#withProof(true).length < maxProved;
  }

  [Symbol.iterator](): Iterator<Guest> {
    return this.#guests.values();
  }

  /** Adds a connection. If too many others have not proved the password, the earliest of them ends. */
  add(socket: Socket): Guest {
    const unproved = this.#withProof(false);
    if (unproved.length >= maxUnproved) unproved[0]?.socket.destroy();
    const guest = new Guest(socket);
    this.#guests.add(guest);
    socket.once('close', () => this.#guests.delete(guest));
    return guest;
  }

  /** Sends a line to all that are served. */
  writeToReady(line: string): void {
    for (const guest of this.#guests) if (guest.state === 'ready') guest.write(line);
  }

  #withProof(isProved: boolean): readonly Guest[] {
    return [...this.#guests].filter(({ state, socket }) => {
      return !socket.destroyed && isProved === (state === 'proved' || state === 'ready');
    });
  }
}
