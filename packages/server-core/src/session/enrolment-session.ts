/** One connection to the enrolment port: a challenge, and one certificate for whoever answers it. */
import type { Duplex } from 'node:stream';
import { type ErrorCode, protocolVersion, toBase64url } from '@chat/protocol';
import { type EnrolmentCall, enrolmentTable } from '../handlers/enrolment-table.ts';
import type { Rate } from '../throttle/rate.ts';
import { type FrameListener, FrameSocket } from '../wire/frame-socket.ts';
import { RequestLoop } from './request-loop.ts';
import type { SessionContext } from './session-context.ts';
import type { Session } from './sessions.ts';

export interface EnrolmentConnection {
  readonly socket: Duplex;
  /** The TLS exporter value in base64url. */
  readonly channel: string;
  /** For the log. */
  readonly address: string;
  /** Where the chat listens. */
  readonly chatPort: number;
}

export class EnrolmentSession implements Session, FrameListener {
  readonly #context: SessionContext;
  readonly #about: object;
  readonly #socket: FrameSocket;
  readonly #rate: Rate;
  readonly #loop: RequestLoop<EnrolmentCall>;
  readonly #timer: NodeJS.Timeout;

  constructor({ socket, channel, address, chatPort }: EnrolmentConnection, context: SessionContext) {
    const { ca, limits, clock, log, enrolment, policy } = context;
    this.#context = context;
    this.#about = { service: 'enrolment', address };
    this.#socket = new FrameSocket(socket, { ...limits, tap: context.tap }, this);
    this.#rate = context.rates.start();
    this.#timer = setTimeout(() => this.#late(), limits.enrolmentTime);
    context.sessions.add(this);

    const nonce = toBase64url(context.randomBytes(32));
    this.#loop = new RequestLoop<EnrolmentCall>({
      socket: this.#socket,
      table: enrolmentTable,
      call: { enrolment, challenge: { ca, nonce, channel }, spent: false },
      rate: this.#rate,
      inFlight: limits.requestsInFlight,
      log,
      about: () => this.#about,
    });
    const hello = { push: 'welcome', version: protocolVersion, service: 'enrolment', nonce, time: clock() };
    this.#socket.send({ ...hello, policy, chatPort });
  }

  received(bytes: number): void {
    this.#rate.received(bytes);
  }

  frame(frame: Record<string, unknown>): void {
    this.#loop.push(frame);
  }

  leaving(code: ErrorCode): void {
    this.#context.log.info({ ...this.#about, code }, 'enrolment connection ended by the server');
    this.#loop.stop();
  }

  failed(error: unknown): void {
    this.#context.log.error({ ...this.#about, error }, 'frame could not be taken');
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
    this.#socket.bye('stopping', 'The server stops: connect again in a while.');
  }

  #late(): void {
    this.#socket.bye('limit-reached', `This took longer than ${this.#context.limits.enrolmentTime} ms: connect again.`);
  }
}
