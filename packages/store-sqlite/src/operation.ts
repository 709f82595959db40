/** What the two threads say to each other: the store's methods as messages. */
import type { Store, StoreConflict } from '@chat/server-core';
import type { DatabaseOptions } from './database.ts';
import type { StoreErrorCode } from './store-error.ts';

export type Operation = Exclude<keyof Store, 'close' | 'failed'>;
export type Result<O extends Operation> = Awaited<ReturnType<Store[O]>>;

/** The store's methods without the promises: what the worker runs. */
export type Tables = { readonly [O in Operation]: (...args: Parameters<Store[O]>) => Result<O> };

/** The operations that change something: they share a transaction and are answered only after it is durable. */
export const writes: ReadonlySet<Operation> = new Set<Operation>([
  'append',
  'register',
  'addInvitation',
  'recordCertificate',
]);

export interface Request {
  readonly id: number;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** An error's class does not survive the way between threads, so it travels as data. */
export type Failure =
  | { readonly kind: 'conflict'; readonly code: StoreConflict['code']; readonly message: string }
  | { readonly kind: 'store'; readonly code: StoreErrorCode; readonly message: string };

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** To the worker: requests in the order of their calls, or the wish to end after them. */
export type ToWorker = readonly Request[] | 'close';

/** From the worker: first whether it could open the file, then answers in the order of their requests. */
export type FromWorker = 'opened' | Failure | readonly Answer[];

export interface WorkerData {
  readonly path: string;
  readonly options: DatabaseOptions;
}
