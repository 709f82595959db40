/** The main thread's side: sends requests, settles their promises, and leaves none pending when the worker ends. */
import { Worker } from 'node:worker_threads';
import { CaError } from '@chat/mini-ca';
import { type DamagedRow, StoreConflict, StoreDamage } from '@chat/server-core';
import { StoreError } from '../errors.ts';
import type { Answers, Damaged, Failure, FromWorker, Operation, Request, WorkerData } from '../operation.ts';
import { packBatch } from './batch.ts';

interface PendingRequest {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The worker stands beside this module: TypeScript when the sources run unbuilt, JavaScript in a build. */
const workerModule = import.meta.url.endsWith('.ts')
  ? new URL('./worker.ts', import.meta.url)
  : new URL('./worker.js', import.meta.url);

/** Returns the error of a call after the end of the store. */
export const storeClosed = (): StoreError => new StoreError('store-closed', 'The store is closed.');

/** The worker thread as the main thread sees it. */
export class WorkerClient {
  readonly #worker: Worker;
  /** Requests without an answer, in the order of their calls. */
  #pending: PendingRequest[] = [];
  readonly #exited: Promise<void>;
  /** Resolves when the thread has ended without `close`. */
  readonly failed: Promise<Error>;
  /** Number of wraps that the migration of the file has deleted. */
  wrapsDeleted = 0;
  #fail: (error: Error) => void = () => {};
  #damaged: (row: DamagedRow) => void = () => {};
  #unsent: Request[] = [];
  /** Id of the last request that the worker has. */
  #sent = -1;
  /** Id of the last request that it has answered. */
  #answered = -1;
  #flushIsScheduled = false;
  #nextId = 0;
  /** Why requests are refused; null while they are accepted. */
  #ended: StoreError | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Starts the thread. Resolves when it has opened the file, or rejects with the reason why it could not. */
  static async start(data: WorkerData): Promise<WorkerClient> {
    const worker = new Worker(workerModule, { workerData: data, name: 'store-sqlite' });
    const client = new WorkerClient(worker);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: FromWorker) => {
        if ('kind' in message) return reject(asError(message));
        if ('opened' in message) client.wrapsDeleted = message.opened.wrapsDeleted;
        resolve();
      });
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(new StoreError('store-fault', 'The thread of the store ended before it had opened the file.')),
      );
    });
    worker.on('message', (message: Damaged | Answers) => {
      if ('damaged' in message) for (const row of message.damaged) client.#damaged(row);
      else client.#settle(message);
    });
    worker.on('error', (error) => client.#end('The thread of the store failed: restart the program.', error));
    worker.once('exit', () => client.#end('The thread of the store has ended: restart the program.'));
    return client;
  }

  /** Calls an operation. Requests are answered in the order of the calls. Rejects with `StoreConflict`, `CaError` or `StoreError`. */
  request(operation: Operation, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    this.#unsent.push({ id: this.#nextId++, operation, args });
    if (!this.#flushIsScheduled && this.#isIdle) {
      this.#flushIsScheduled = true;
      // The requests of one turn of the event loop are sent together.
      setImmediate(() => {
        this.#flushIsScheduled = false;
        if (this.#isIdle) this.#flush();
      });
    }
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  /** Resolves when all earlier requests are answered and the file is closed. */
  close(): Promise<void> {
    if (this.#ended === null) {
      this.#ended = storeClosed();
      this.#flush();
      this.#worker.postMessage('close');
    }
    return this.#exited;
  }

  /** Calls the listener, in place of the one before, with each damaged row before the answer of the call that met it. */
  watchDamage(listener: (row: DamagedRow) => void): void {
    this.#damaged = listener;
  }

  /** Reports a damaged row that was met outside the worker. */
  reportDamage(row: DamagedRow): void {
    this.#damaged(row);
  }

  /**
   * True when the worker has no request. What is requested while it has one is sent when it has answered, so that one commit carries
   * all of it, and the threads wake each other once for each commit.
   */
  get #isIdle(): boolean {
    return this.#answered === this.#sent;
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    const batch = packBatch(this.#unsent);
    this.#unsent = [];
    this.#sent = batch.first + batch.count - 1;
    this.#worker.postMessage(batch, batch.records === null ? [] : [batch.records.buffer]);
  }

  #settle({ upTo, answers }: Answers): void {
    const first = this.#answered + 1;
    this.#answered = upTo;
    // Before the promises settle, so that the worker does not wait for what follows from them.
    if (this.#isIdle) this.#flush();
    let next = 0;
    for (const [index, { resolve, reject }] of this.#pending.splice(0, upTo + 1 - first).entries()) {
      const answer = answers[next];
      if (answer?.id !== first + index) {
        resolve(undefined);
        continue;
      }
      next += 1;
      if ('failure' in answer) reject(asError(answer.failure));
      else resolve(answer.value);
    }
  }

  #end(message: string, cause?: unknown): void {
    if (this.#ended === null) {
      this.#ended = new StoreError('store-unavailable', message, { cause });
      this.#fail(this.#ended);
    }
    for (const { reject } of this.#pending) reject(this.#ended);
    this.#pending = [];
  }
}

function asError(failure: Failure): Error {
  const { kind, message } = failure;
  switch (kind) {
    case 'conflict':
      return new StoreConflict(failure.code, message);
    case 'ledger':
      return new CaError(failure.code, message);
    case 'damage':
      return new StoreDamage(message);
    case 'store':
      return new StoreError(failure.code, message);
  }
}
