/**
 * Carries out the requests of a connection in the order of their arrival. Pipelined operations (appends) take their place in
 * order when they start and are answered when they are done, so a client may have many pending; the loop waits for the others.
 */
import { type ErrorCode, ProtocolError, requestHead } from '@chat/protocol';
import type { Rule } from '../handlers/rule.ts';
import { StoreDamage } from '../ports/damage.ts';
import type { Log } from '../ports/log.ts';
import type { RequestRate } from '../throttle/request-rate.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import { wireErrorOf } from '../wire/wire-error.ts';

/** Options of `RequestLoop`. */
export interface RequestLoopOptions<Call> {
  readonly socket: FrameSocket;
  readonly table: Readonly<Record<string, Rule<Call>>>;
  readonly call: Call;
  readonly rate: RequestRate;
  /** Number of unanswered requests at which the loop stops reading. */
  readonly maxInFlight: number;
  readonly log: Log;
  /** Returns fields that describe the connection, for the log. */
  readonly logFields: () => object;
}

/** The sentence with which the server ends a connection that sends too much. */
export const tooMuchSent = 'You continued to send too much: connect again and send less.';

/** The answer to a request that needs a row which the disk has damaged. */
export const damagedError = {
  code: 'store-damaged',
  message: 'The disk of this server has damaged what the request needs: ask its operator to restore a backup.',
} as const;

interface Request<Call> {
  readonly id: number;
  readonly op: string;
  readonly fields: object;
  readonly rule: Rule<Call>;
}

/** Carries out and answers the requests of one connection. */
export class RequestLoop<Call> {
  readonly #options: RequestLoopOptions<Call>;
  readonly #waiting: Request<Call>[] = [];
  readonly #running = new Set<Promise<void>>();
  #looping: Promise<void> | null = null;
  #paused = false;
  #closed = false;

  constructor(options: RequestLoopOptions<Call>) {
    this.#options = options;
  }

  /** Accepts a frame: refuses it at once, or queues it as a request. */
  push(frame: Record<string, unknown>): void {
    if (this.#closed) return;
    const { socket } = this.#options;
    const head = requestHead.safeParse(frame);
    if (!head.success) {
      socket.bye(
        'malformed-request',
        'A request has an id, a whole number below 2^32, and an op, the name of the operation.',
      );
      return;
    }
    const { id, op, ...fields } = head.data;
    const rule = this.#rule(op);
    const verdict = this.#options.rate.request(rule?.cost(fields) ?? 1);
    if (verdict === 'disconnect') {
      socket.bye('rate-limited', tooMuchSent);
    } else if (verdict === 'refuse') {
      this.#refuse(id, op, new ProtocolError('rate-limited', 'You send too much: wait a second, then send it again.'));
    } else if (rule === undefined) {
      this.#refuse(id, op, new ProtocolError('unknown-operation', 'There is no such operation on this port.'));
    } else {
      this.#waiting.push({ id, op, fields, rule });
      this.#looping ??= this.#loop();
      this.#adjustReading();
    }
  }

  /** Accepts no more requests. Resolves when all accepted ones are answered. */
  async drain(): Promise<void> {
    this.#closed = true;
    await this.#looping;
    await Promise.all(this.#running);
  }

  /** Accepts no more requests and drops those that have not started. */
  stop(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  #rule(op: string): Rule<Call> | undefined {
    return Object.hasOwn(this.#options.table, op) ? this.#options.table[op] : undefined;
  }

  async #loop(): Promise<void> {
    // `push` must have set `#looping` first: a loop that ended before would unset it too early and never run again.
    await Promise.resolve();
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      while (this.#running.size >= this.#options.maxInFlight) await Promise.race(this.#running);
      const answered = this.#carryOut(request)
        .catch((error: unknown) => this.#fail(request.op, error))
        .finally(() => {
          this.#running.delete(answered);
          this.#adjustReading();
        });
      this.#running.add(answered);
      if (!request.rule.pipelined) await answered;
    }
    this.#looping = null;
  }

  async #carryOut({ id, op, fields, rule }: Request<Call>): Promise<void> {
    const { socket, call } = this.#options;
    try {
      socket.send({ re: id, ok: await rule.run(fields, call) });
    } catch (error) {
      const code = this.#refuse(id, op, error);
      if (rule.endsOnRefusal) socket.end(code);
    }
  }

  #refuse(id: number, op: string, error: unknown): ErrorCode {
    const { socket, log, logFields } = this.#options;
    const { code, message } = this.#explain(error, op);
    log.debug({ ...logFields(), op, code }, 'request refused');
    socket.send({ re: id, error: wireErrorOf(code, message) });
    return code;
  }

  /** Ends the connection when not even a refusal could be sent. No caller awaits the error, so it must be handled here. */
  #fail(op: string, error: unknown): void {
    const { socket, log, logFields } = this.#options;
    log.error({ ...logFields(), op, error }, 'request could not be answered');
    socket.bye('internal', 'The server failed to answer and has logged the reason: connect again.');
  }

  #explain(error: unknown, op: string): { code: ErrorCode; message: string } {
    if (error instanceof ProtocolError) return { code: error.code as ErrorCode, message: error.message };
    // The row was logged when the store met it.
    if (error instanceof StoreDamage) return damagedError;
    this.#options.log.error({ ...this.#options.logFields(), op, error }, 'request failed');
    return { code: 'internal', message: 'The server failed to do this and has logged the reason: send it again.' };
  }

  /** Pauses or resumes reading, which bounds the memory for waiting requests. */
  #adjustReading(): void {
    const full = this.#waiting.length + this.#running.size >= this.#options.maxInFlight;
    if (full === this.#paused || !this.#options.socket.open) return;
    this.#paused = full;
    if (full) this.#options.socket.pause();
    else this.#options.socket.resume();
  }
}
