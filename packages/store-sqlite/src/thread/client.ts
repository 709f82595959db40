/** The main thread's end: sends requests, settles their promises, and never leaves one open when the worker dies. */

import { Worker } from 'node:worker_threads';
import { CaError } from '@chat/mini-ca';
import { StoreConflict } from '@chat/server-core';
import { StoreError } from '../errors.ts';
import type { Answer, Failure, FromWorker, Operation, Request, WorkerData } from '../operation.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Beside this module: as TypeScript where the sources run as they are, as JavaScript in a build. */
const workerModule = import.meta.url.endsWith('.ts')
  ? new URL('./worker.ts', import.meta.url)
  : new URL('./worker.js', import.meta.url);

export class WorkerClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  /** Resolves when the thread has ended without having been told to. */
  readonly failed: Promise<Error>;
  #fail: (error: Error) => void = () => {};
  #outbox: Request[] = [];
  #nextId = 0;
  /** Set once nothing more can be asked. */
  #ended: StoreError | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Starts the thread; resolves when it has opened the file. Throws what kept it from that. */
  static async start(data: WorkerData): Promise<WorkerClient> {
    const worker = new Worker(workerModule, { workerData: data, name: 'store-sqlite' });
    const client = new WorkerClient(worker);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: FromWorker) => {
        if (message === 'opened') resolve();
        else if ('kind' in message) reject(asError(message));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new StoreError('store-fault', 'The store ended before it had opened.')));
    });
    worker.on('message', (answers: readonly Answer[]) => client.#settle(answers));
    worker.on('error', (error) => client.#end('The thread that owns the store failed: restart the program.', error));
    worker.once('exit', () => client.#end('The thread that owns the store has ended: restart the program.'));
    return client;
  }

  /** Rejects with `StoreConflict` or `StoreError`. Requests are answered in the order of these calls. */
  request(operation: Operation, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    // What one turn of the event loop asks for travels as one message.
    if (this.#outbox.length === 0) setImmediate(() => this.#flush());
    this.#outbox.push({ id, operation, args });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Resolves when everything asked before is answered and the file is closed. */
  close(): Promise<void> {
    if (this.#ended === null) {
      this.#ended = new StoreError('store-closed', 'The store is closed.');
      this.#flush();
      this.#worker.postMessage('close');
    }
    return this.#exited;
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#worker.postMessage(this.#outbox);
    this.#outbox = [];
  }

  #settle(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('failure' in answer) waiting?.reject(asError(answer.failure));
      else waiting?.resolve(answer.value);
    }
  }

  #end(message: string, cause?: unknown): void {
    if (this.#ended === null) {
      this.#ended = new StoreError('store-unavailable', message, { cause });
      this.#fail(this.#ended);
    }
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function asError({ kind, code, message }: Failure): Error {
  switch (kind) {
    case 'conflict':
      return new StoreConflict(code, message);
    case 'ledger':
      return new CaError(code, message);
    case 'store':
      return new StoreError(code, message);
  }
}
