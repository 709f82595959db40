/** The connection of a program to the one that has its profile open. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { withSocketPath } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import type { ClientEvent } from '../../events.ts';
import { systemScheduler } from '../scheduler.ts';
import {
  errorFrom,
  type Greeting,
  type HolderMessage,
  holderHello,
  Lines,
  lineOf,
  localVersion,
  maxLineBytes,
  type Progress,
} from './local-messages.ts';
import { isProof, proofOf } from './local-proof.ts';
import type { Mirror } from './mirror.ts';

/** No program listens at the socket, or it has just ended, or too many wait for one that is stopped. */
const absent: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTSOCK', 'EAGAIN']);

/** What a link to another program reports to. */
export interface LinkEnds {
  readonly mirror: Mirror;
  /** How far this program has got as a guest before; null if it was none. */
  readonly resumes: Progress | null;
  /** Aborted when the program does not want the profile any more. Counts until the link is ready. */
  readonly signal: AbortSignal;
  /** Called once, before the first event. The mirror has what the holder shows. */
  readonly onReady: (greeting: Greeting) => void;
  readonly onEvent: (event: ClientEvent) => void;
  /** Called when nothing has come from the holder for a while, and with false when something comes again. */
  readonly onSilence: (isSilent: boolean) => void;
  /** Called once when the holder is gone, after `onReady`. */
  readonly onEnd: () => void;
}

/** What a link needs. */
export interface GuestLinkOptions extends LinkEnds {
  /** The socket. */
  readonly path: string;
  /** The result of `localKeyOf`. */
  readonly key: Uint8Array;
  /** How long the proof of the holder may take, in ms. One that is stopped sends none. */
  readonly patienceMs: number;
  /** After so many ms without a sign, and at the latest twice as many, the holder counts as silent. */
  readonly silenceMs: number;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  kept(): void;
}

/** A connection to a holder that has proved the password. */
export class GuestLink {
  readonly #socket: Socket;
  readonly #options: GuestLinkOptions;
  readonly #lines = new Lines();
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #greeting: Greeting | null = null;
  /** Number of the events that have come over this link. */
  #events = 0;
  #isSilent = false;
  /** True if something has come since the last look. */
  #isHeard = true;
  #cancelWatch: () => void = () => undefined;
  #hasEnded = false;

  private constructor(socket: Socket, options: GuestLinkOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /**
   * Connects to the holder.
   *
   * @returns null if there is none, it has no place for one more guest, it says nothing, or it ends at once
   * @throws ClientError `other-version` for a holder of another version
   */
  static async open(options: GuestLinkOptions): Promise<GuestLink | null> {
    const socket = await withSocketPath(options.path, openSocket).catch((error: unknown) => {
      if (absent.has(codeOf(error) ?? '')) return null;
      throw error;
    });
    if (socket === null) return null;
    const link = new GuestLink(socket, options);
    return (await link.#begin()) ? link : null;
  }

  /** The user of the profile, and the fingerprint of the identity key. */
  get identity(): Pick<Greeting, 'user' | 'fingerprint'> {
    return this.#ready;
  }

  /** How far this program has got with the events of the holder. */
  get progress(): Progress {
    const { holder, seen } = this.#ready.progress;
    return { holder, seen: seen + this.#events };
  }

  /** True once the holder is gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Calls a method of the holder's client. Does not settle if the holder ends before its answer.
   *
   * @param kept called when the message of the call waits in the outbox on the disk
   * @throws the error of the method
   */
  call(method: string, args: readonly unknown[], kept: () => void = () => undefined): Promise<unknown> {
    const id = this.#nextId++;
    const line = lineOf({ id, method, arguments: args });
    // The holder would end the connection, and the call would be made again on the next one.
    if (Buffer.byteLength(line) > maxLineBytes.fromGuest) return Promise.reject(new Error('This is too long.'));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, kept });
      this.#socket.write(line);
    });
  }

  /** Ends the link, without a call of `onEnd`. */
  close(): void {
    this.#cancelWatch();
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  get #ready(): Greeting {
    if (this.#greeting === null) throw new Error('The link is not ready.');
    return this.#greeting;
  }

  /** Proves the password, and checks the proof of the other side. Resolves with false if the socket ends before the link is ready. */
  #begin(): Promise<boolean> {
    const socket = this.#socket;
    const { patienceMs, signal, onEnd } = this.#options;
    return new Promise((resolve, reject) => {
      const abort = () => socket.destroy();
      const cancelPatience = systemScheduler.after(patienceMs, abort);
      const settle = (isReady: boolean) => {
        signal.removeEventListener('abort', abort);
        resolve(isReady);
      };
      const steps = this.#steps(cancelPatience, () => settle(true));
      steps.next();
      signal.addEventListener('abort', abort);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#hasEnded = true;
        cancelPatience();
        this.#cancelWatch();
        if (this.#greeting === null) settle(false);
        else onEnd();
      });
      socket.on('data', (chunk) => {
        this.#heard();
        try {
          for (const value of this.#lines.push(chunk)) steps.next(value);
        } catch (error) {
          // What is no message of this version comes from another one.
          reject(error instanceof ClientError ? error : otherVersion());
          socket.destroy();
        }
      });
      if (signal.aborted) abort();
      // It has ended while its path was removed.
      if (socket.closed) settle(false);
    });
  }

  /** Takes one message after the other. Before the proof of the holder nothing counts. */
  *#steps(proved: () => void, ready: () => void): Generator<undefined, never, unknown> {
    const { key, mirror, resumes, onReady } = this.#options;
    const hello = holderHello.parse(yield);
    if (hello.v !== localVersion) throw otherVersion();
    const nonces = { holder: hello.nonce, guest: randomBytes(32).toString('hex') };
    this.#socket.write(lineOf({ nonce: nonces.guest, proof: proofOf(key, 'guest', nonces), resumes }));

    const answer = (yield) as HolderMessage;
    // It ends the connection, and a later attempt may find a place.
    if (answer.kind === 'full') this.#socket.destroy();
    else if (answer.kind !== 'proved' || !isProof(key, 'holder', nonces, answer.proof)) throw otherVersion();
    this.#lines.maxBytes = maxLineBytes.fromHolder;
    proved();
    this.#watch();

    for (;;) {
      const message = (yield) as HolderMessage;
      if (this.#greeting !== null) this.#take(message);
      else if (message.kind === 'ready') {
        this.#greeting = message;
        mirror.begin(message.changes);
        onReady(message);
        ready();
      } else if (message.kind !== 'beat') throw otherVersion();
    }
  }

  #take(message: HolderMessage): void {
    switch (message.kind) {
      case 'changes':
        this.#options.mirror.apply(message.changes);
        break;
      case 'event':
        this.#events += 1;
        this.#options.onEvent(message.event);
        break;
      case 'kept':
        this.#waiting.get(message.id)?.kept();
        break;
      case 'result':
        this.#settled(message.id)?.resolve(message.value);
        break;
      case 'failed':
        this.#settled(message.id)?.reject(errorFrom(message.error));
        break;
      default:
    }
  }

  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** Looks now and then whether something has come. After two looks without a sign the holder is silent: it sends a beat more often. */
  #watch(): void {
    this.#cancelWatch = systemScheduler.after(this.#options.silenceMs, () => {
      if (!this.#isHeard) this.#silent();
      this.#isHeard = false;
      if (!this.#hasEnded) this.#watch();
    });
  }

  /** While the profile is read nothing is lost by another attempt. */
  #silent(): void {
    if (this.#greeting === null) this.#socket.destroy();
    else if (!this.#isSilent) {
      this.#isSilent = true;
      this.#options.onSilence(true);
    }
  }

  #heard(): void {
    this.#isHeard = true;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#options.onSilence(false);
  }
}

const openSocket = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('error', reject);
    socket.once('connect', () => {
      // It may break before the link listens.
      socket.on('error', () => undefined);
      socket.off('error', reject);
      resolve(socket);
    });
  });

const otherVersion = (): ClientError =>
  new ClientError(
    'other-version',
    'Another version of this program has the profile open: quit all windows and scripts of that version first.',
  );
