/** Requests and their answers over a link, and the pushes that come between them. */
import {
  encodeFrame,
  FrameDecoder,
  type Operation,
  operations,
  ProtocolError,
  type Push,
  push,
  type RequestOf,
  type ResultOf,
  requireVersion,
  response,
} from '@chat/protocol';
import { ClientError } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Link } from './link.ts';

/** How long an answer may take, in ms. */
const answerWithin = 20_000;

interface Waiting {
  readonly operation: Operation;
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly cancel: () => void;
}

export interface ConnectionHandlers {
  push(push: Push): void;
  /** Called once, after every open request was rejected with the same error. */
  closed(error: Error): void;
}

export class Connection {
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #handlers: ConnectionHandlers;
  readonly #decoder = new FrameDecoder();
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #end: Error | null = null;

  constructor(link: Link, scheduler: Scheduler, handlers: ConnectionHandlers) {
    this.#link = link;
    this.#scheduler = scheduler;
    this.#handlers = handlers;
    link.receive(
      (chunk) => this.#read(chunk),
      (cause) =>
        this.#fail(
          cause instanceof ClientError
            ? cause
            : new ClientError('unreachable', 'The connection to the server was lost.', { cause }),
        ),
    );
  }

  get channel(): string {
    return this.#link.channel;
  }

  get authority(): string {
    return this.#link.authority;
  }

  /** What ended the connection; null while it lasts. */
  get ended(): Error | null {
    return this.#end;
  }

  /**
   * Rejects with `ProtocolError` when the server refused, and only then; with `ClientError` `timed-out`, or `unreachable`
   * (its cause is what ended the connection) when the outcome is unknown.
   */
  request<O extends Operation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    if (this.#end !== null) {
      return Promise.reject(new ClientError('unreachable', 'The connection has ended.', { cause: this.#end }));
    }
    const id = this.#nextId++;
    const frame = encodeFrame({ id, op: operation, ...fields });
    const answer = new Promise<unknown>((resolve, reject) => {
      const cancel = this.#scheduler.after(answerWithin, () => {
        this.#waiting.delete(id);
        reject(new ClientError('timed-out', `The server did not answer within ${answerWithin / 1000} seconds.`));
      });
      this.#waiting.set(id, { operation, resolve, reject, cancel });
      this.#link.send(frame);
    });
    return answer as Promise<ResultOf<O>>;
  }

  close(): void {
    this.#fail(new ClientError('closed', 'The connection was closed.'));
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) {
        if (this.#end !== null) return;
        if ('push' in frame) this.#pushed(frame);
        else this.#answered(frame);
      }
    } catch (cause) {
      const otherVersion = cause instanceof ProtocolError && cause.code === 'unsupported-version';
      this.#fail(
        otherVersion
          ? cause
          : new ClientError('not-a-chat-server', 'The server sent something that is not of this protocol.', { cause }),
      );
    }
  }

  #pushed(frame: Record<string, unknown>): void {
    requireVersion(frame);
    const parsed = push.parse(frame);
    if (parsed.push === 'bye') this.#fail(new ProtocolError(parsed.error.code, parsed.error.message));
    else this.#handlers.push(parsed);
  }

  #answered(frame: Record<string, unknown>): void {
    const parsed = response.parse(frame);
    const waiting = this.#waiting.get(parsed.re);
    // An answer that came after its time: nobody waits for it any more.
    if (waiting === undefined) return;
    this.#waiting.delete(parsed.re);
    waiting.cancel();
    if ('error' in parsed) {
      waiting.reject(new ProtocolError(parsed.error.code, parsed.error.message));
      return;
    }
    const result = operations[waiting.operation].result.safeParse(parsed.ok);
    if (result.success) waiting.resolve(result.data);
    else
      waiting.reject(new ClientError('not-a-chat-server', 'The server sent an answer that is not of this protocol.'));
  }

  #fail(error: Error): void {
    if (this.#end !== null) return;
    this.#end = error;
    // Nobody answered these: whatever ended the connection, it is no refusal of theirs.
    const unanswered = new ClientError('unreachable', `The connection ended before an answer came: ${error.message}`, {
      cause: error,
    });
    for (const waiting of this.#waiting.values()) {
      waiting.cancel();
      waiting.reject(unanswered);
    }
    this.#waiting.clear();
    this.#link.close();
    this.#handlers.closed(error);
  }
}

/** The server's own word on why it ended the connection, where it gave one; else the failure itself. */
export const causeOf = (error: unknown): unknown =>
  error instanceof ClientError && error.cause instanceof ProtocolError ? error.cause : error;

/**
 * What it means that the connection ended before the server's first push. On the chat port that is how TLS turns away a
 * certificate: after the handshake, without a word.
 */
function endedUngreeted(kind: 'hello' | 'welcome', error: Error): Error {
  const silent = error instanceof ClientError && error.code === 'unreachable';
  if (kind !== 'hello' || !silent) return error;
  return new ClientError(
    'certificate-refused',
    "The server ended the connection at sight of this client's certificate.",
    {
      cause: error,
    },
  );
}

/** Opens a connection and waits for the server's first push. */
export async function greet<K extends 'hello' | 'welcome'>(
  link: Link,
  kind: K,
  scheduler: Scheduler,
  handlers: ConnectionHandlers,
): Promise<{ connection: Connection; greeting: Extract<Push, { push: K }> }> {
  let connection: Connection | null = null;
  const greeting = await new Promise<Push>((resolve, reject) => {
    const cancel = scheduler.after(answerWithin, () => {
      reject(new ClientError('timed-out', 'The server accepted the connection and then said nothing.'));
      connection?.close();
    });
    let greeted = false;
    connection = new Connection(link, scheduler, {
      push: (first) => {
        if (greeted) return handlers.push(first);
        greeted = true;
        cancel();
        resolve(first);
      },
      closed: (error) => {
        cancel();
        reject(greeted ? error : endedUngreeted(kind, error));
        handlers.closed(error);
      },
    });
  });
  const open = connection as Connection | null;
  if (open === null || greeting.push !== kind) {
    open?.close();
    throw new ClientError(
      'not-a-chat-server',
      'What answers there is not the service that was asked for: check the port.',
    );
  }
  return { connection: open, greeting: greeting as Extract<Push, { push: K }> };
}
