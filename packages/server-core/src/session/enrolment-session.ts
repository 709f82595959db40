/** One connection to the enrolment port: a challenge, and one certificate for a client that answers it. */
import type { Duplex } from 'node:stream';
import { type ErrorCode, protocolVersion, toBase64url } from '@chat/protocol';
import { type EnrolmentCall, enrolmentTable } from '../handlers/enrolment-table.ts';
import { authorityField } from '../identity/authority-history.ts';
import type { RequestRate } from '../throttle/request-rate.ts';
import { type FrameListener, FrameSocket } from '../wire/frame-socket.ts';
import { RequestLoop, tooMuchSent } from './request-loop.ts';
import type { SessionContext } from './session-context.ts';
import { type Session, serverFull } from './sessions.ts';

/** A connection to the enrolment port after its TLS handshake. */
export interface EnrolmentConnection {
  readonly socket: Duplex;
  /** The TLS exporter value in base64url. */
  readonly channel: string;
  /** The client's address and port, for the log. */
  readonly address: string;
  /** The client's host, by which new names are counted. */
  readonly host: string;
  /** Called when the connection has brought a certificate: it does not count as a failed attempt. */
  readonly proved: () => void;
  /** Port of the chat service, which the client connects to next. */
  readonly chatPort: number;
}

/** The session of one connection to the enrolment port. */
export class EnrolmentSession implements Session, FrameListener {
  readonly #context: SessionContext;
  readonly #logFields: object;
  readonly #socket: FrameSocket;
  readonly #rate: RequestRate;
  readonly #loop: RequestLoop<EnrolmentCall>;
  readonly #timer: NodeJS.Timeout;

  constructor(connection: EnrolmentConnection, context: SessionContext) {
    const { socket, channel, address, host, proved, chatPort } = connection;
    const { serverId, limits, clock, log, enrolment, services } = context;
    const { history, recoveries } = services;
    this.#context = context;
    this.#socket = new FrameSocket(socket, { limits, tap: context.tap }, this);
    this.#rate = context.rates.start();
    this.#timer = setTimeout(() => this.#endLate(), limits.enrolmentTimeoutMs);
    this.#logFields = { service: 'enrolment', connection: context.sessions.add(this), address };

    const nonce = toBase64url(context.randomBytes(32));
    this.#loop = new RequestLoop<EnrolmentCall>({
      socket: this.#socket,
      table: enrolmentTable,
      call: { enrolment, history, recoveries, peer: { serverId, nonce, channel, host }, nonceUsed: false, proved },
      rate: this.#rate,
      limits,
      log,
      metrics: context.metrics,
      logFields: () => this.#logFields,
    });
    const welcome = { push: 'welcome', version: protocolVersion, service: 'enrolment', nonce, time: clock() };
    this.#socket.send({ ...welcome, policy: enrolment.policy, chatPort, ...authorityField(history) });
  }

  get queuedBytes(): number {
    return this.#socket.queuedBytes;
  }

  received(bytes: number): void {
    if (this.#rate.received(bytes) === 'disconnect') this.#socket.bye('rate-limited', tooMuchSent);
  }

  frame(frame: Record<string, unknown>): void {
    this.#loop.push(frame);
  }

  leaving(code: ErrorCode): void {
    this.#context.metrics.ended('enrolment', code);
    this.#context.log.info({ ...this.#logFields, code }, 'enrolment connection ended by the server');
    this.#loop.stop();
  }

  failed(error: unknown): void {
    this.#context.log.error({ ...this.#logFields, error }, 'frame could not be processed');
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#loop.stop();
    this.#context.sessions.delete(this);
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  stop(): void {
    this.#socket.bye('stopping', 'The server is stopping: connect again later.');
  }

  endAsFull(): void {
    this.#socket.bye('server-full', serverFull);
  }

  #endLate(): void {
    const { enrolmentTimeoutMs } = this.#context.limits;
    this.#socket.bye('limit-reached', `The enrolment took longer than ${enrolmentTimeoutMs} ms: connect again.`);
  }
}
