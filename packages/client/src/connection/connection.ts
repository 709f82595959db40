/** A connection to the server: requests with their answers, and the pushes between them. */
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
import type { Link } from './transport.ts';

const answerTimeoutMs = 20_000;
/** A server whose pushes cause requests, and which answers none, must not fill the memory of the client. */
const maxOpenRequests = 10_000;

interface OpenRequest {
  readonly operation: Operation;
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly cancelTimeout: () => void;
}

/** What a connection calls. */
export interface ConnectionHandlers {
  /** Called with each push after the greeting. @throws ClientError `too-much-sent`, which ends the connection */
  readonly push: (push: Push) => void;
  /** Called once, after every open request has been rejected. */
  readonly closed: (error: Error) => void;
}

type Greeting<K extends 'hello' | 'welcome'> = Extract<Push, { push: K }>;

/** Sends requests over a link and reads what the server sends. */
export class Connection {
  readonly #link: Link;
  readonly #scheduler: Scheduler;
  readonly #handlers: ConnectionHandlers;
  readonly #decoder = new FrameDecoder();
  readonly #openRequests = new Map<number, OpenRequest>();
  /** Takes the server's first push; null after that. */
  #greeted: ((greeting: Push) => void) | null;
  #nextId = 1;
  #end: Error | null = null;

  /** @param greeted called with the server's first push */
  constructor(link: Link, scheduler: Scheduler, handlers: ConnectionHandlers, greeted: (greeting: Push) => void) {
    this.#link = link;
    this.#scheduler = scheduler;
    this.#handlers = handlers;
    this.#greeted = greeted;
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

  get serverId(): string {
    return this.#link.serverId;
  }

  /** True once the server has sent its first push. */
  get isGreeted(): boolean {
    return this.#greeted === null;
  }

  /** The error that ended the connection; null while it lasts. */
  get ended(): Error | null {
    return this.#end;
  }

  /**
   * Sends a request and resolves with its result.
   *
   * @throws ProtocolError if, and only if, the server refused the request
   * @throws ClientError `timed-out`, or `unreachable` with the end of the connection as `cause`: the outcome is unknown
   */
  request<O extends Operation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    if (this.#end !== null) {
      return Promise.reject(new ClientError('unreachable', 'The connection has ended.', { cause: this.#end }));
    }
    if (this.#openRequests.size >= maxOpenRequests) {
      this.#fail(
        new ClientError(
          'not-a-chat-server',
          `The server leaves ${maxOpenRequests} requests unanswered: ask its operator.`,
        ),
      );
      return this.request(operation, fields);
    }
    const id = this.#nextId++;
    const frame = encodeFrame({ id, op: operation, ...fields });
    const answer = new Promise<unknown>((resolve, reject) => {
      const cancelTimeout = this.#scheduler.after(answerTimeoutMs, () => {
        this.#openRequests.delete(id);
        reject(new ClientError('timed-out', `The server did not answer within ${answerTimeoutMs / 1000} seconds.`));
      });
      this.#openRequests.set(id, { operation, resolve, reject, cancelTimeout });
      this.#link.send(frame);
    });
    return answer as Promise<ResultOf<O>>;
  }

  /** Closes the connection. Pending requests reject with `closed`. */
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
      // A handler of pushes refuses what exceeds the client's bounds.
      const tooMuch = cause instanceof ClientError && cause.code === 'too-much-sent';
      this.#fail(
        otherVersion || tooMuch
          ? cause
          : new ClientError('not-a-chat-server', 'The server sent data that does not follow the protocol.', { cause }),
      );
    }
  }

  #pushed(frame: Record<string, unknown>): void {
    requireVersion(frame, 'server');
    const parsed = push.parse(frame);
    if (parsed.push === 'bye') {
      this.#fail(new ProtocolError(parsed.error.code, parsed.error.message));
      return;
    }
    const greeted = this.#greeted;
    this.#greeted = null;
    if (greeted === null) this.#handlers.push(parsed);
    else greeted(parsed);
  }

  #answered(frame: Record<string, unknown>): void {
    const parsed = response.parse(frame);
    const open = this.#openRequests.get(parsed.re);
    // The answer came after the timeout, which has rejected the request already.
    if (open === undefined) return;
    this.#openRequests.delete(parsed.re);
    open.cancelTimeout();
    if ('error' in parsed) {
      open.reject(new ProtocolError(parsed.error.code, parsed.error.message));
      return;
    }
    const result = operations[open.operation].result.safeParse(parsed.ok);
    if (result.success) open.resolve(result.data);
    else
      open.reject(new ClientError('not-a-chat-server', 'The server sent an answer that does not follow the protocol.'));
  }

  #fail(error: Error): void {
    if (this.#end !== null) return;
    this.#end = error;
    // The end of the connection is not a refusal: the server may have carried out each of these requests.
    const unanswered = new ClientError('unreachable', `The connection ended before an answer came: ${error.message}`, {
      cause: error,
    });
    for (const open of this.#openRequests.values()) {
      open.cancelTimeout();
      open.reject(unanswered);
    }
    this.#openRequests.clear();
    this.#link.close();
    this.#handlers.closed(error);
  }
}

/** Returns the reason that the server gave for ending the connection; the error itself if the server gave none. */
export const causeOf = (error: unknown): unknown =>
  error instanceof ClientError && error.cause instanceof ProtocolError ? error.cause : error;

/** Explains a connection that ended before the server's first push. A server that refuses it for a reason names the reason. */
function endedUngreeted(error: Error): Error {
  const isSilent = error instanceof ClientError && error.code === 'unreachable';
  if (!isSilent) return error;
  return new ClientError(
    'unreachable',
    'The server took the connection and ended it without a word: it may be overloaded, or the network cuts connections. Try again in a minute.',
    { cause: error },
  );
}

/**
 * Opens a connection and waits for the server's first push.
 *
 * @param kind the push that the server's port must send first
 * @throws ClientError `not-a-chat-server`, `timed-out`, `unreachable`
 * @throws ProtocolError the reason that the server gives for ending the connection
 */
export async function greet<K extends 'hello' | 'welcome'>(
  link: Link,
  kind: K,
  scheduler: Scheduler,
  handlers: ConnectionHandlers,
): Promise<{ readonly connection: Connection; readonly greeting: Greeting<K> }> {
  let connection: Connection | null = null;
  const greeting = await new Promise<Push>((resolve, reject) => {
    const cancelTimeout = scheduler.after(answerTimeoutMs, () => {
      reject(new ClientError('timed-out', 'The server accepted the connection but sent nothing.'));
      connection?.close();
    });
    const closed = (error: Error) => {
      cancelTimeout();
      reject(connection?.isGreeted === true ? error : endedUngreeted(error));
      handlers.closed(error);
    };
    connection = new Connection(link, scheduler, { push: handlers.push, closed }, (first) => {
      cancelTimeout();
      resolve(first);
    });
  });
  const open = connection as Connection | null;
  if (open === null || greeting.push !== kind) {
    open?.close();
    throw new ClientError('not-a-chat-server', 'The service at this address is another one: check the port.');
  }
  return { connection: open, greeting: greeting as Greeting<K> };
}
