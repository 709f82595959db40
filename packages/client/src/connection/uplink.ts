/** A logged-in connection that the client opens again after every loss: certificate, TLS, challenge, login. */
import {
  type ChatOperation,
  type KeyChain,
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
import { reactionTo } from '../error-policy.ts';
import { ClientError, type Explanation, explain, renewalUnfinished } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { type Connection, causeOf, greet } from './connection.ts';
import {
  type Certified,
  type EnrolmentClient,
  enrolAgain,
  findChatPort,
  renewCertificate,
  renewIdentityKey,
} from './enrolment.ts';
import type { ProfileRuns } from './profile-run.ts';
import type { Transport } from './transport.ts';

/** The pause between two attempts to connect doubles from the first to the longest. */
const reconnectDelayMs = { first: 250, longest: 5_000 };
/**
 * The same when the server has no room for this connection. Other connections of the user take its place again if it comes back
 * soon, so these pauses go on growing over logins, until a connection has lasted for the longest pause.
 */
const setbackDelayMs = { first: 15_000, longest: 10 * 60_000 };
const pingIntervalMs = 30_000;

/** What an uplink calls. */
export interface UplinkHandlers {
  readonly push: (push: Push) => void;
  /** Called before each login with the digest of what the server shows of its authorities; null if it has had one only. */
  readonly greeted: (connection: Connection, digest: string | null) => Promise<void>;
  /** Called after each login. */
  readonly online: () => void;
  readonly offline: (why: Explanation, retryInMs: number) => void;
  /** Called when the server refuses the identity. The uplink does not connect again. */
  readonly refused: (code: string, reason: string) => void;
}

/** The parts of an uplink. */
export interface UplinkOptions {
  readonly user: UserName;
  readonly signer: Signer;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  /** Returns a number from 0 to 1, for the jitter of pauses. */
  readonly random: () => number;
  readonly handlers: UplinkHandlers;
  /** Names this run of the profile to the server. */
  readonly runs: ProfileRuns;
  /** The token of an enrolment invitation, for a server that has lost the account. Default: none. */
  readonly invitation?: string | undefined;
  /** The renewals up to the signer's key, for a server that has lost them; null if it was never renewed. */
  readonly ownChain: KeyChain | null;
  /** True if the server may have the key of a renewal already that this client could not finish. */
  readonly isRenewalUnfinished: boolean;
  /** Called when `certified` has changed, so that the caller stores it. */
  readonly recertified: () => void;
}

/** Returns the pause after this many attempts in a row. */
const doubled = ({ first, longest }: { readonly first: number; readonly longest: number }, attempts: number): number =>
  Math.min(longest, first * 2 ** (attempts - 1));

/** The client's connection to its server, over all reconnects. */
export class Uplink {
  readonly #options: UplinkOptions;
  #certified: Certified | null;
  #connection: Connection | null = null;
  #refusal: Explanation | null = null;
  #closed = false;
  #failures = 0;
  /** Number of times that the server had no room for this connection. */
  #setbacks = 0;
  /** Time of the latest login, in ms since 1970. */
  #onlineSince: number | null = null;
  /** Cancels the next ping or the next attempt to connect. */
  #cancelNext: () => void = () => undefined;

  /** @param certified the stored certificate; null if there is none */
  constructor(options: UplinkOptions, certified: Certified | null) {
    this.#options = options;
    this.#certified = certified;
  }

  get online(): boolean {
    return this.#connection !== null;
  }

  /** Why the uplink does not connect again; null while it does. */
  get refusal(): Explanation | null {
    return this.#refusal;
  }

  /** The latest certificate; null before the first. */
  get certified(): Certified | null {
    return this.#certified;
  }

  /** Connects and logs in; rejects if that fails. After a success the uplink reconnects by itself. */
  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (reactionTo('connect', error) === 'give-up') this.#giveUp(error);
      throw error;
    }
  }

  /** Connects and logs in as often as it takes. Each attempt calls one of the handlers. */
  keepTrying(): void {
    this.#open().catch((error: unknown) => {
      if (!this.#closed) this.#reconnect(error);
    });
  }

  /**
   * Sends a request and resolves with its result.
   *
   * @throws ClientError `offline`, and as `Connection.request`
   */
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    if (this.#connection !== null) return this.#connection.request(operation, fields);
    return Promise.reject(new ClientError('offline', 'There is no connection to the server now.'));
  }

  /** Closes the connection for good and makes no further attempt to connect. */
  close(): void {
    this.#closed = true;
    this.#cancelNext();
    this.#connection?.close();
    this.#connection = null;
  }

  async #open(): Promise<void> {
    const connection = await this.#connect().catch(async (error: unknown) => {
      if (explain(error).code !== 'login-refused') throw this.#explained(error);
      return this.#login(this.#keep(await this.#registerAgain(error)));
    });
    if (this.#closed) return connection.close();
    this.#connection = connection;
    this.#refusal = null;
    this.#failures = 0;
    this.#onlineSince = this.#options.scheduler.now();
    this.#keepAlive(connection);
    this.#options.handlers.online();
  }

  /** A server that was restored from a backup may have lost a renewal of the key, or the account. */
  async #registerAgain(refusal: unknown): Promise<Certified> {
    const { ownChain } = this.#options;
    if (ownChain === null) return enrolAgain(this.#options, refusal);
    return renewIdentityKey(this.#enrolmentClient(), this.#options, ownChain).catch((error: unknown) => {
      if (explain(error).code !== 'login-refused') throw error;
      return enrolAgain(this.#options, refusal);
    });
  }

  async #connect(): Promise<Connection> {
    const certified = await this.#certificate();
    return this.#login(certified).catch(async (error: unknown) =>
      this.#login(await this.#replacementFor(certified, error)),
    );
  }

  /** Renews a certificate that the server refused, or looks up the chat port if the server is not there; else rethrows the error. */
  async #replacementFor(certified: Certified, error: unknown): Promise<Certified> {
    if (reactionTo('connect', error) === 'renew') return this.#renew();
    const chatPort = await this.#chatPortAfter(error);
    if (chatPort === null || chatPort === certified.chatPort) throw error;
    return this.#keep({ ...certified, chatPort });
  }

  /** Returns null if the server need not be looked for. If it is not found, an alarm about another server stands. */
  async #chatPortAfter(error: unknown): Promise<number | null> {
    const { code } = explain(error);
    if (code === 'unreachable') return findChatPort(this.#enrolmentClient());
    // The server has another chat port now, and another program has the former one.
    const isOther = code === 'wrong-authority' || code === 'not-a-chat-server';
    return isOther ? findChatPort(this.#enrolmentClient()).catch(() => null) : null;
  }

  async #certificate(): Promise<Certified> {
    const { transport, scheduler } = this.#options;
    const stored = this.#certified;
    if (stored !== null && scheduler.now() < transport.renewalTime(stored.tls.certificate)) return stored;
    return this.#renew();
  }

  async #renew(): Promise<Certified> {
    return this.#keep(await renewCertificate(this.#enrolmentClient(), this.#options));
  }

  #enrolmentClient(): EnrolmentClient {
    const { transport, scheduler } = this.#options;
    return { transport, scheduler, latest: this.#certified?.tls };
  }

  #keep(certified: Certified): Certified {
    this.#certified = certified;
    this.#options.recertified();
    return certified;
  }

  async #login({ tls, chatPort }: Certified): Promise<Connection> {
    const { user, signer, transport, scheduler, handlers, runs } = this.#options;
    const run = await runs.forLogin();
    const link = await transport.openChat(chatPort, tls);
    const { connection, greeting } = await greet(link, 'hello', scheduler, {
      push: handlers.push,
      closed: (error) => this.#lost(error),
    });
    const place = { serverId: connection.serverId, nonce: greeting.nonce, channel: connection.channel };
    const { domain, data } = loginStatement(place, user);
    try {
      await handlers.greeted(connection, greeting.authority ?? null);
      await connection.request('login', {
        version: protocolVersion,
        user,
        signature: toBase64url(signer.sign(domain, data)),
        ...(run === undefined ? {} : { run }),
      });
      runs.accepted();
    } catch (error) {
      connection.close();
      throw causeOf(error);
    }
    // The server may have ended the connection together with its answer.
    if (connection.ended !== null) throw connection.ended;
    return connection;
  }

  #lost(lost: Error): void {
    // If the connection was not logged in, the caller of #login gets the error.
    if (this.#connection === null || this.#closed) return;
    this.#connection = null;
    this.#cancelNext();
    this.#reconnect(this.#explained(lost));
  }

  /** Returns the error by which the client's own renewal is no alarm about another person with the key. */
  #explained(error: unknown): unknown {
    return this.#options.isRenewalUnfinished && explain(error).code === 'key-renewed'
      ? renewalUnfinished(error)
      : error;
  }

  #reconnect(error: unknown): void {
    const { scheduler, random, handlers } = this.#options;
    if (reactionTo('connect', error) === 'give-up') {
      this.#giveUp(error);
      return;
    }
    const delayMs = this.#nextDelayMs(error) * (0.5 + random());
    handlers.offline(explain(error), Math.round(delayMs));
    this.#cancelNext = scheduler.after(delayMs, () => {
      this.keepTrying();
    });
  }

  /** Returns the pause before the next attempt, without its jitter. */
  #nextDelayMs(error: unknown): number {
    if (reactionTo('connect', error) !== 'retry-later') {
      this.#failures += 1;
      return doubled(reconnectDelayMs, this.#failures);
    }
    const lastedMs = this.#options.scheduler.now() - (this.#onlineSince ?? Number.POSITIVE_INFINITY);
    this.#setbacks = lastedMs >= setbackDelayMs.longest ? 1 : this.#setbacks + 1;
    return doubled(setbackDelayMs, this.#setbacks);
  }

  #giveUp(error: unknown): void {
    const { code, reason } = explain(error);
    this.#refusal = { code, reason };
    this.#options.handlers.refused(code, reason);
  }

  #keepAlive(connection: Connection): void {
    this.#cancelNext = this.#options.scheduler.after(pingIntervalMs, () => {
      if (this.#connection !== connection) return;
      this.#keepAlive(connection);
      connection.request('ping', {}).catch((error: unknown) => {
        // A refusal is an answer, too: it shows that the server is there.
        if (!(error instanceof ProtocolError)) connection.close();
      });
    });
  }
}
