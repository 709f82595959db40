/** A client that only knows frames, so that a test controls every byte. */
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import {
  type ChatOperation,
  channelBinding,
  countOfStubs,
  type EnrolmentOperation,
  encodeFrame,
  FrameDecoder,
  type Operation,
  operations,
  ProtocolError,
  type Push,
  type PushKind,
  push,
  type RequestOf,
  type ResultOf,
  response,
  serverName,
  toBase64url,
} from '@chat/protocol';
import type { LinkStore } from '../../src/ports/link-store.ts';

type PushOf<K extends PushKind> = Extract<Push, { push: K }>;

/** Returns the positions of an entry, a gap or stubs. */
export function positionsOf(item: { readonly seq: number } & ({ readonly hashes: Uint8Array } | object)): number[] {
  const count = 'hashes' in item ? countOfStubs(item) : 1;
  return Array.from({ length: count }, (_, index) => item.seq + index);
}

interface Waiter {
  readonly done: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class TestClient {
  readonly socket: TLSSocket;
  /** The store of the server. */
  store: LinkStore | null = null;
  readonly pushes: Push[] = [];
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #answers = new Map<number, (frame: unknown) => void>();
  #waiters: Waiter[] = [];
  #ids = 0;
  #ended = false;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of decoder.push(chunk)) this.#receive(frame);
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#ended = true;
        for (const waiter of this.#waiters) waiter.reject(new Error('the connection closed first'));
        resolve();
      });
    });
  }

  get channel(): string {
    return toBase64url(this.socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0)));
  }

  /** Resolves with the first push of a kind. */
  async first<K extends PushKind>(kind: K): Promise<PushOf<K>> {
    await this.until(() => this.pushes.some((each) => each.push === kind));
    return this.all(kind)[0] as PushOf<K>;
  }

  all<K extends PushKind>(kind: K): PushOf<K>[] {
    return this.pushes.filter((each): each is PushOf<K> => each.push === kind);
  }

  /** Returns the positions of the room's entries and stubs in the order of their arrival. */
  positions(room: string): number[] {
    return this.pushes.flatMap((each) => ('seq' in each && each.room === room ? positionsOf(each) : []));
  }

  /** Resolves when the condition holds. It is checked after every frame. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    if (this.#ended) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ done, resolve, reject });
    });
  }

  /** Sends a request. Throws a refusal as `ProtocolError`. */
  async request<O extends ChatOperation | EnrolmentOperation>(op: O, fields: RequestOf<O>): Promise<ResultOf<O>> {
    return operations[op].result.parse(await this.ask(op, fields)) as ResultOf<O>;
  }

  /** Sends any operation with any fields. Throws a refusal as `ProtocolError`. */
  async ask(op: Operation | (string & {}), fields: object): Promise<object> {
    const id = this.#ids++;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#answers.set(id, resolve);
      void this.closed.then(() => reject(new Error('the connection closed before the answer')));
    });
    this.socket.write(encodeFrame({ id, op, ...fields }));
    const answer = response.parse(await answered);
    if ('error' in answer) throw new ProtocolError(answer.error.code, answer.error.message);
    return answer.ok;
  }

  /** Resolves with the code of the server's `bye` when the connection is closed; null without a `bye`. */
  async ending(): Promise<string | null> {
    await this.closed;
    return this.all('bye')[0]?.error.code ?? null;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #receive(frame: Record<string, unknown>): void {
    if ('push' in frame) this.pushes.push(push.parse(frame));
    else {
      const id = frame['re'] as number;
      this.#answers.get(id)?.(frame);
      this.#answers.delete(id);
    }
    const ready = this.#waiters.filter((waiter) => waiter.done());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}

/** Connects. Rejects when TLS is refused, which with TLS 1.3 may also happen after this has resolved. */
export async function connectClient(options: ConnectionOptions): Promise<TestClient> {
  const socket = connect({ servername: serverName, host: '127.0.0.1', ...options });
  await once(socket, 'secureConnect');
  return new TestClient(socket);
}

/** Resolves with `ok` when the work succeeds, else with the code of its error. */
export const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
