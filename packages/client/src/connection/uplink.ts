/** A logged-in connection that comes back by itself: certificate, TLS, challenge, then again after every loss. */
import {
  type ChatOperation,
  loginStatement,
  ProtocolError,
  type Push,
  protocolVersion,
  type RequestOf,
  type ResultOf,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import type { Signer } from '@chat/room';
import { explain } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { type Connection, causeOf, greet } from './connection.ts';
import { type Certified, findChatPort, renewCertificate } from './enrolment.ts';
import type { Transport } from './transport.ts';

/** The first and the longest pause between two attempts, in ms. */
const pauses = { first: 250, longest: 5_000 };
/** How often a silent connection is tried, in ms. */
const pingEvery = 30_000;

/** Refusals that another attempt cannot mend. */
const final: ReadonlySet<string> = new Set([
  'login-refused',
  'access-revoked',
  'unknown-user',
  'unsupported-version',
  'wrong-authority',
  'certificate-request-refused',
]);

export interface UplinkHandlers {
  push(push: Push): void;
  /** Logged in. */
  online(): void;
  offline(reason: string, retryInMs: number): void;
  refused(code: string, reason: string): void;
  /** A new certificate, to be stored. */
  certified(certified: Certified): void;
}

export interface UplinkOptions {
  readonly user: UserName;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  /** A number from 0 to 1, for the jitter of pauses. */
  readonly random: () => number;
  readonly handlers: UplinkHandlers;
}

export class Uplink {
  readonly #options: UplinkOptions;
  #certified: Certified | null;
  #connection: Connection | null = null;
  #closed = false;
  #failures = 0;
  #cancelNext: () => void = () => undefined;

  /** @param certified the certificate of the last time, where there is one */
  constructor(options: UplinkOptions, certified: Certified | null) {
    this.#options = options;
    this.#certified = certified;
  }

  get online(): boolean {
    return this.#connection !== null;
  }

  /** One attempt; rejects with its failure. Once it has succeeded, losses are mended without being asked. */
  async start(): Promise<void> {
    await this.#open();
  }

  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    if (this.#connection !== null) return this.#connection.request(operation, fields);
    return Promise.reject(new ClientError('offline', 'There is no connection to the server now.'));
  }

  close(): void {
    this.#closed = true;
    this.#cancelNext();
    this.#connection?.close();
    this.#connection = null;
  }

  async #open(): Promise<void> {
    const certified = await this.#certificate();
    const connection = await this.#login(certified).catch(async (error: unknown) =>
      this.#login(await this.#mend(certified, error)),
    );
    if (this.#closed) return connection.close();
    this.#connection = connection;
    this.#failures = 0;
    this.#keepAlive(connection);
    this.#options.handlers.online();
  }

  /** What to try at once in place of a certificate that the server refused, or of a port where nobody answers. */
  async #mend(certified: Certified, error: unknown): Promise<Certified> {
    const { transport, scheduler, handlers } = this.#options;
    const { code } = explain(error);
    if (code === 'certificate-refused') return this.#renew();
    const chatPort = code === 'unreachable' ? await findChatPort(transport, scheduler) : certified.chatPort;
    if (chatPort === certified.chatPort) throw error;
    this.#certified = { ...certified, chatPort };
    handlers.certified(this.#certified);
    return this.#certified;
  }

  async #certificate(): Promise<Certified> {
    const { transport, scheduler } = this.#options;
    const known = this.#certified;
    if (known !== null && scheduler.now() < transport.renewalTime(known.tls.certificate)) return known;
    return this.#renew();
  }

  async #renew(): Promise<Certified> {
    const { transport, scheduler, handlers } = this.#options;
    this.#certified = await renewCertificate(transport, scheduler, this.#options);
    handlers.certified(this.#certified);
    return this.#certified;
  }

  async #login({ tls, chatPort }: Certified): Promise<Connection> {
    const { user, signer, transport, scheduler, handlers } = this.#options;
    const link = await transport.openChat(chatPort, tls);
    const { connection, greeting } = await greet(link, 'hello', scheduler, {
      push: (push) => handlers.push(push),
      closed: (error) => this.#lost(error),
    });
    const place = { ca: connection.authority, nonce: greeting.nonce, channel: connection.channel };
    const { domain, data } = loginStatement(place, user);
    try {
      await connection.request('login', {
        version: protocolVersion,
        user,
        signature: toBase64url(signer.sign(domain, data)),
      });
    } catch (error) {
      connection.close();
      throw causeOf(error);
    }
    // The server may have said goodbye in the same breath.
    if (connection.ended !== null) throw connection.ended;
    return connection;
  }

  #lost(error: Error): void {
    // A connection that was never logged in has its own caller waiting for the failure.
    if (this.#connection === null || this.#closed) return;
    this.#connection = null;
    this.#cancelNext();
    this.#again(error);
  }

  #again(error: unknown): void {
    const { scheduler, random, handlers } = this.#options;
    const { code, reason } = explain(error);
    if (final.has(code)) {
      handlers.refused(code, reason);
      return;
    }
    const pause = Math.min(pauses.longest, pauses.first * 2 ** this.#failures) * (0.5 + random());
    this.#failures += 1;
    handlers.offline(reason, Math.round(pause));
    this.#cancelNext = scheduler.after(pause, () => {
      this.#open().catch((failure: unknown) => {
        if (!this.#closed) this.#again(failure);
      });
    });
  }

  #keepAlive(connection: Connection): void {
    this.#cancelNext = this.#options.scheduler.after(pingEvery, () => {
      if (this.#connection !== connection) return;
      this.#keepAlive(connection);
      connection.request('ping', {}).catch((error: unknown) => {
        // Any answer shows that the server is there; silence means that it is not.
        if (!(error instanceof ProtocolError)) connection.close();
      });
    });
  }
}
