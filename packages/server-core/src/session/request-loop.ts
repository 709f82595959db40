/**
 * Carries out the requests of a connection in the order of their arrival. Pipelined operations (appends) take their place in
 * order when they start and are answered when they are done, so a client may have many pending; the loop waits for the others.
 * Nothing of it is asynchronous but the operation itself: each step of a promise costs every message of a busy server.
 */
import { CheckedAppend, type ErrorCode, ProtocolError, requestHead } from '@chat/protocol';
import type { Rule } from '../handlers/rule.ts';
import type { ServerLimits } from '../limits/limits.ts';
import { StoreDamage } from '../ports/damage.ts';
import type { Log } from '../ports/log.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import type { RateVerdict, RequestRate } from '../throttle/request-rate.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import { wireErrorOf } from '../wire/wire-error.ts';

/** Options of `RequestLoop`. */
export interface RequestLoopOptions<Call> {
  readonly socket: FrameSocket;
  readonly table: Readonly<Record<string, Rule<Call>>>;
  readonly call: Call;
  readonly rate: RequestRate;
  /** `requestsInFlight`: the number of unanswered requests at which the loop stops reading. */
  readonly limits: Pick<ServerLimits, 'requestsInFlight'>;
  readonly log: Log;
  /** Returns fields that describe the connection, for the log. */
  readonly logFields: () => object;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
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
  readonly fields: Readonly<Record<string, unknown>>;
  readonly rule: Rule<Call>;
  /** When it arrived, by the clock of the metrics. */
  readonly at: number;
}

/** A request as far as its refusal needs it. */
type Refused = Pick<Request<unknown>, 'id' | 'op' | 'at'>;

/** Stands for each operation that the port does not have: the client has chosen its name. */
const unknownOperation = 'unknown';

/** Returns the parts of a request that every request has, and its other fields; null for a frame that is no request. */
function partsOf(frame: Record<string, unknown>): Pick<Request<unknown>, 'id' | 'op' | 'fields'> | null {
  const checked = CheckedAppend.of(frame);
  if (checked !== null) return { id: checked.id, op: checked.op, fields: checked };
  const head = requestHead.safeParse(frame);
  if (!head.success) return null;
  const { id, op, ...fields } = head.data;
  return { id, op, fields };
}

/** Carries out and answers the requests of one connection. */
export class RequestLoop<Call> {
  readonly #options: RequestLoopOptions<Call>;
  readonly #metrics: Metrics;
  readonly #waiting: Request<Call>[] = [];
  /** Number of requests that have started and are not answered. */
  #running = 0;
  /** True while one of them is not pipelined. */
  #blocked = false;
  #paused = false;
  #closed = false;
  /** Called when all accepted requests are answered. */
  #drained: (() => void)[] = [];

  constructor(options: RequestLoopOptions<Call>) {
    this.#options = options;
    this.#metrics = options.metrics ?? noMetrics;
  }

  /** Accepts a frame: refuses it at once, carries it out, or queues it until its turn. */
  push(frame: Record<string, unknown>): void {
    if (this.#closed) return;
    const { socket } = this.#options;
    const parts = partsOf(frame);
    if (parts === null) {
      socket.bye(
        'malformed-request',
        'A request has an id, a whole number below 2^32, and an op, the name of the operation.',
      );
      return;
    }
    const { id, op, fields } = parts;
    const rule = this.#rule(op);
    const at = this.#metrics.now();
    const verdict = this.#count(rule, fields);
    if (verdict === 'disconnect') {
      socket.bye('rate-limited', tooMuchSent);
    } else if (verdict === 'refuse') {
      const tooMuch = new ProtocolError('rate-limited', 'You send too much: wait a second, then send it again.');
      this.#refuse({ id, op: rule === undefined ? unknownOperation : op, at }, tooMuch);
    } else if (rule === undefined) {
      const unknown = new ProtocolError('unknown-operation', 'There is no such operation on this port.');
      this.#refuse({ id, op: unknownOperation, at }, unknown);
    } else {
      this.#waiting.push({ id, op, fields, rule, at });
      this.#advance();
    }
  }

  /** Accepts no more requests. Resolves when all accepted ones are answered. */
  async drain(): Promise<void> {
    this.#closed = true;
    if (this.#unanswered > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  /** Accepts no more requests and drops those that have not started. */
  stop(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#endDrain();
  }

  get #unanswered(): number {
    return this.#waiting.length + this.#running;
  }

  #count(rule: Rule<Call> | undefined, fields: Request<Call>['fields']): RateVerdict {
    const { rate } = this.#options;
    const cost = rule?.cost(fields) ?? 1;
    const moves = rule?.moves ?? null;
    return moves === null ? rate.request(cost) : rate.transfer(moves.bytes(fields), cost, moves.isUpload);
  }

  #rule(op: string): Rule<Call> | undefined {
    return Object.hasOwn(this.#options.table, op) ? this.#options.table[op] : undefined;
  }

  /** Starts the requests whose turn it is. */
  #advance(): void {
    while (!this.#blocked && this.#running < this.#options.limits.requestsInFlight) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      this.#start(request);
    }
    this.#adjustReading();
    this.#endDrain();
  }

  /** Carries out a request. Its answer may come at once. */
  #start(request: Request<Call>): void {
    const { fields, rule } = request;
    let result: object | Promise<object>;
    try {
      result = rule.run(fields, this.#options.call);
    } catch (error) {
      this.#answerError(request, error);
      return;
    }
    if (!(result instanceof Promise)) {
      this.#answer(request, result);
      return;
    }
    this.#running += 1;
    if (!rule.pipelined) this.#blocked = true;
    result.then(
      (ok) => {
        this.#answer(request, ok);
        this.#ended(request);
      },
      (error: unknown) => {
        this.#answerError(request, error);
        this.#ended(request);
      },
    );
  }

  #ended({ rule }: Request<Call>): void {
    this.#running -= 1;
    if (!rule.pipelined) this.#blocked = false;
    this.#advance();
  }

  #answer(request: Request<Call>, ok: object): void {
    try {
      this.#options.socket.send({ re: request.id, ok });
      this.#metrics.answered(request.op, null, this.#metrics.now() - request.at);
    } catch (error) {
      this.#answerError(request, error);
    }
  }

  #answerError(request: Request<Call>, error: unknown): void {
    try {
      const code = this.#refuse(request, error);
      if (request.rule.endsOnRefusal) this.#options.socket.end(code);
    } catch (failure) {
      this.#fail(request, failure);
    }
  }

  #refuse(request: Refused, error: unknown): ErrorCode {
    const { socket, log } = this.#options;
    const { code, message } = this.#explain(error, request);
    log.debug({ ...this.#logFields(request), code }, 'request refused');
    socket.send({ re: request.id, error: wireErrorOf(code, message) });
    this.#metrics.answered(request.op, code, this.#metrics.now() - request.at);
    return code;
  }

  /** The client's id of a request tells two lines of one connection apart. */
  #logFields({ id, op }: Refused): object {
    return { ...this.#options.logFields(), request: id, op };
  }

  /** Ends the connection when not even a refusal could be sent. No caller awaits the error, so it must be handled here. */
  #fail(request: Refused, error: unknown): void {
    const { socket, log } = this.#options;
    log.error({ ...this.#logFields(request), error }, 'request could not be answered');
    socket.bye('internal', 'The server failed to answer and has logged the reason: connect again.');
  }

  #explain(error: unknown, request: Refused): { code: ErrorCode; message: string } {
    if (error instanceof ProtocolError) return { code: error.code as ErrorCode, message: error.message };
    // The row was logged when the store met it.
    if (error instanceof StoreDamage) return damagedError;
    this.#options.log.error({ ...this.#logFields(request), error }, 'request failed');
    return { code: 'internal', message: 'The server failed to do this and has logged the reason: send it again.' };
  }

  #endDrain(): void {
    if (this.#drained.length === 0 || this.#unanswered > 0) return;
    for (const drained of this.#drained.splice(0)) drained();
  }

  /** Pauses or resumes reading, which bounds the memory for waiting requests. */
  #adjustReading(): void {
    const full = this.#unanswered >= this.#options.limits.requestsInFlight;
    if (full === this.#paused || !this.#options.socket.open) return;
    this.#paused = full;
    if (full) this.#options.socket.pause();
    else this.#options.socket.resume();
  }
}
