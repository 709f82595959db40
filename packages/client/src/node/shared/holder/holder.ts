/**
 * The program that has a profile serves the others at a socket that only its system user can reach. All of them use its client: one
 * connection, one outbox for each room, one lock.
 */
import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { withSocketPath } from '@chat/durable-files';
import { systemScheduler } from '../../scheduler.ts';
import { beatMs, guestProof, type HolderMessage, lineOf, localVersion, maxLineBytes } from '../local-messages.ts';
import { isProof, proofOf } from '../local-proof.ts';
import { type Guest, Guests } from './guests.ts';
import { ServedClient } from './served-client.ts';
import type { WantedConnection } from './wanted-connection.ts';

/** Time until the first message of a guest. It derives its key before it connects. */
const proofTimeoutMs = 10_000;
/** Time without progress that a guest has for the last messages of a holder that ends. */
const drainTimeoutMs = 1_000;
/** With every sixth beat guests get what has changed without an event: when a member was last heard. */
const beatsPerRefresh = 6;

const line = (message: HolderMessage): string => lineOf(message);

/** Serves the client of this process to other programs. */
export class Holder {
  /** Returns the result of `localKeyOf`. */
  readonly #key: () => Promise<Uint8Array>;
  readonly #server: Server;
  readonly #guests = new Guests();
  /** Null until the profile is read. */
  #served: ServedClient | null = null;
  #isClosing = false;
  #cancelBeat: () => void = () => undefined;

  private constructor(key: () => Promise<Uint8Array>) {
    this.#key = key;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /**
   * Listens at the socket, in place of a program that has ended without removing it. To be called with the lock of the profile. Guests that
   * come before `serve` wait.
   *
   * @param key returns the result of `localKeyOf`. It is called for each guest, because it may take a derivation from the password, and the key
   *   file may change
   * @throws the system's errors: without a socket the client works all the same, and for this program alone
   */
  static async listen(path: string, key: () => Promise<Uint8Array>): Promise<Holder> {
    const holder = new Holder(key);
    try {
      await rm(path, { force: true });
      await withSocketPath(path, (address) => holder.#listen(address));
      if (process.platform !== 'win32') await chmod(path, 0o600);
      return holder;
    } catch (error) {
      holder.stop();
      holder.end();
      throw error;
    }
  }

  /** Serves this client from now on. To be called once, before the client connects. */
  serve(connection: WantedConnection): void {
    const served = new ServedClient(connection, {
      isThere: () => this.#guests.size > 0,
      toAll: (message) => this.#guests.writeToReady(line(message)),
    });
    this.#served = served;
    for (const guest of this.#guests) if (guest.state === 'proved') guest.admit(served);
  }

  /**
   * Accepts no more guests, and neither carries out nor answers calls. To be called just before the client is closed: what it stores then is
   * what was passed on, and what it rejects the next holder carries out.
   */
  stop(): void {
    this.#isClosing = true;
    this.#served?.stop();
    // Removes the socket too.
    this.#server.close();
  }

  /** Ends the connections of the guests. To be called when the profile is free for one of them, or about to be. */
  end(): void {
    this.#cancelBeat();
    for (const { socket } of this.#guests) {
      // One that reads gets what was passed on. No other one keeps this process alive.
      socket.end();
      socket.setTimeout(drainTimeoutMs, () => socket.destroy());
    }
  }

  #listen(address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        // A failure of the listener is one of later guests, who try again.
        this.#server.on('error', () => undefined);
        this.#beat();
        resolve();
      });
    });
  }

  /** Shows guests that this program runs. One that is stopped answers nothing, and keeps the lock. */
  #beat(count = 1): void {
    this.#cancelBeat = systemScheduler.after(beatMs, () => {
      if (count % beatsPerRefresh === 0) this.#served?.refresh();
      for (const guest of this.#guests) {
        if (guest.state === 'proved' || guest.state === 'ready') guest.write(line({ kind: 'beat' }));
      }
      this.#beat(count + 1);
    });
  }

  #accept(socket: Socket): void {
    const guest = this.#guests.add(socket);
    const nonce = randomBytes(32).toString('hex');
    socket.setTimeout(proofTimeoutMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const value of guest.lines.push(chunk)) this.#take(guest, nonce, value);
      } catch {
        socket.destroy();
      }
    });
    guest.write(lineOf({ v: localVersion, nonce }));
  }

  #take(guest: Guest, nonce: string, value: unknown): void {
    if (guest.state === 'new') this.#prove(guest, nonce, value);
    else if (guest.state === 'ready') this.#call(guest, value);
    else throw new Error('A guest sends nothing before it is admitted.');
  }

  /** Takes the first message of a guest. If that proves the password, the guest is admitted as soon as the profile is read. */
  #prove(guest: Guest, nonce: string, value: unknown): void {
    const { proof, resumes, nonce: guestNonce } = guestProof.parse(value);
    const nonces = { holder: nonce, guest: guestNonce };
    const { socket } = guest;
    guest.state = 'proving';
    // From here on the guest waits for this program.
    socket.setTimeout(0);
    this.#key().then(
      (key) => {
        if (this.#isClosing || !isProof(key, 'guest', nonces, proof)) {
          socket.destroy();
          return;
        }
        if (!this.#guests.haveRoom) {
          guest.write(line({ kind: 'full' }));
          socket.end();
          return;
        }
        guest.state = 'proved';
        guest.lines.maxBytes = maxLineBytes.fromGuest;
        guest.write(line({ kind: 'proved', proof: proofOf(key, 'holder', nonces) }));
        guest.admit = (served) => {
          const { greeting, events } = served.greet(resumes);
          guest.state = 'ready';
          guest.write(line({ kind: 'ready', ...greeting }));
          for (const event of events) guest.write(line({ kind: 'event', event }));
        };
        if (this.#served !== null) guest.admit(this.#served);
      },
      () => socket.destroy(),
    );
  }

  #call(guest: Guest, value: unknown): void {
    if (this.#isClosing || this.#served === null) return;
    const write = (message: HolderMessage) => {
      if (!this.#isClosing) guest.write(line(message));
    };
    const kept = (id: number) => write({ kind: 'kept', id });
    const answering = this.#served.answer(value, { signal: guest.left, kept });
    void guest.during(answering.then(write, () => void guest.socket.destroy()));
  }
}
