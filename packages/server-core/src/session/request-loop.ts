/**
 * A connection's requests, carried out in the order in which they came. Those that take their place in order by themselves
 * (appends) are answered when they are done, so a client may have many on their way; the others are waited for.
 */
import { type ErrorCode, ProtocolError, requestHead } from '@chat/protocol';
import type { Rule } from '../handlers/rule.ts';
import type { Log } from '../ports/log.ts';
import type { Rate } from '../throttle/rate.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import { wireErrorOf } from '../wire/wire-error.ts';

export interface RequestLoopOptions<Call> {
  readonly socket: FrameSocket;
  readonly table: Readonly<Record<string, Rule<Call>>>;
  readonly call: Call;
  readonly rate: Rate;
  /** Requests on their way above which reading pauses. */
  readonly inFlight: number;
  readonly log: Log;
  /** What is known of the connection, for the log. */
  readonly about: () => object;
}

interface Request<Call> {
  readonly id: number;
  readonly op: string;
  readonly fields: object;
  readonly rule: Rule<Call>;
}

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

  /** Takes a frame. */
  push(frame: Record<string, unknown>): void {
    if (this.#closed) return;
    const { socket } = this.#options;
    const head = requestHead.safeParse(frame);
    if (!head.success) {
      socket.bye(
        'malformed-request',
        'A request has an id, a whole number from 0 up, and an op, the operation’s name.',
      );
      return;
    }
    const { id, op, ...fields } = head.data;
    const rule = this.#rule(op);
    const verdict = this.#options.rate.request(rule?.cost(fields) ?? 1);
    if (verdict === 'cut') {
      socket.bye('rate-limited', 'You went on sending too much: connect again and send less.');
    } else if (verdict === 'refuse') {
      this.#refuse(id, op, new ProtocolError('rate-limited', 'You send too much: wait a second, then send it again.'));
    } else if (rule === undefined) {
      this.#refuse(id, op, new ProtocolError('unknown-operation', 'There is no such operation on this port.'));
    } else {
      this.#waiting.push({ id, op, fields, rule });
      this.#looping ??= this.#loop();
      this.#pace();
    }
  }

  /** Takes no more requests, and resolves when those that came are answered. */
  async drain(): Promise<void> {
    this.#closed = true;
    await this.#looping;
    await Promise.all(this.#running);
  }

  /** Takes no more requests and forgets those that have not been started. */
  stop(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  #rule(op: string): Rule<Call> | undefined {
    return Object.hasOwn(this.#options.table, op) ? this.#options.table[op] : undefined;
  }

  async #loop(): Promise<void> {
    // Not before `#looping` is set: a loop that ended at once would unset it first and never run again.
    await Promise.resolve();
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      while (this.#running.size >= this.#options.inFlight) await Promise.race(this.#running);
      const answered = this.#carryOut(request)
        .catch((error: unknown) => this.#fail(request.op, error))
        .finally(() => {
          this.#running.delete(answered);
          this.#pace();
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
      if (rule.decisive) socket.end(code);
    }
  }

  #refuse(id: number, op: string, error: unknown): ErrorCode {
    const { socket, log, about } = this.#options;
    const { code, message } = this.#explain(error, op);
    log.debug({ ...about(), op, code }, 'request refused');
    socket.send({ re: id, error: wireErrorOf(code, message) });
    return code;
  }

  /** Not even the refusal could be sent: nobody waits for this, so what is wrong must end here, with the connection. */
  #fail(op: string, error: unknown): void {
    const { socket, log, about } = this.#options;
    log.error({ ...about(), op, error }, 'request could not be answered');
    socket.bye('internal', 'The server failed to answer and has logged why: connect again.');
  }

  #explain(error: unknown, op: string): { code: ErrorCode; message: string } {
    if (error instanceof ProtocolError) return { code: error.code as ErrorCode, message: error.message };
    this.#options.log.error({ ...this.#options.about(), op, error }, 'request failed');
    return { code: 'internal', message: 'The server failed to do this and has logged why: send it again.' };
  }

  /** Memory for requests is bounded by not reading more of them. */
  #pace(): void {
    const full = this.#waiting.length + this.#running.size >= this.#options.inFlight;
    if (full === this.#paused || !this.#options.socket.open) return;
    this.#paused = full;
    if (full) this.#options.socket.pause();
    else this.#options.socket.resume();
  }
}
