/** Messages between the main thread and the worker: the store's methods, their results and errors. */
import type { Ledger, LedgerErrorCode, LedgerRecord } from '@chat/mini-ca';
import type { DamagedRow, Store, StoreConflict } from '@chat/server-core';
import type { StoreErrorCode } from './errors.ts';
import type { DatabaseOptions } from './file/database.ts';

/** A ledger record with its place in the order of all records. */
export interface PositionedRecord {
  readonly position: number;
  readonly record: LedgerRecord;
}

/** The methods of the store's ledger under names of their own. Records are read in pages. */
interface LedgerMethods {
  readonly appendRecord: Ledger['append'];
  readonly findCertificate: Ledger['find'];
  readonly revokedCertificates: Ledger['revoked'];
  readonly latestList: Ledger['latestCrl'];
  /** Returns at most `limit` records after a position, in order. */
  readRecords(after: number, limit: number): Promise<readonly PositionedRecord[]>;
}

type Methods = Omit<Store, 'ledger' | 'close' | 'failed' | 'watchDamage'> & LedgerMethods;

/** The name of a method that the worker carries out. */
export type Operation = keyof Methods;
/** The value with which an operation resolves. */
export type Result<O extends Operation> = Awaited<ReturnType<Methods[O]>>;

/** Returns a function that calls one of the methods in the worker. */
export type Call = <O extends Operation>(operation: O) => (...args: Parameters<Methods[O]>) => Promise<Result<O>>;

/** The methods as the worker implements them: synchronous. */
export type Tables = { readonly [O in Operation]: (...args: Parameters<Methods[O]>) => Result<O> };

/** Operations that write. They share a transaction and are answered only when it is durable. */
export const writes: ReadonlySet<Operation> = new Set<Operation>([
  'append',
  'repair',
  'putWrap',
  'putKnock',
  'dismissKnock',
  'putPrekey',
  'register',
  'addInvitation',
  'revokeAccount',
  'assignCertificate',
  'forgetCertificates',
  'deleteRoom',
  'setRetention',
  'expire',
  'enterRun',
  'appendRecord',
]);

/** A call of an operation. The worker's answer has the same `id`. */
export interface Request {
  readonly id: number;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** An error as data, because a message between threads does not keep the error's class. */
export type Failure =
  | { readonly kind: 'conflict'; readonly code: StoreConflict['code']; readonly message: string }
  | { readonly kind: 'ledger'; readonly code: LedgerErrorCode; readonly message: string }
  | { readonly kind: 'damage'; readonly message: string }
  | { readonly kind: 'store'; readonly code: StoreErrorCode; readonly message: string };

/** The result of a request, or its failure. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** To the worker: requests in the order of their calls, or `close`, which takes effect after them. */
export type ToWorker = readonly Request[] | 'close';

/** The damaged rows that the worker has met while it carried out the requests that it answers next. */
export interface Damaged {
  readonly damaged: readonly DamagedRow[];
}

/** From the worker: first whether it has opened the file, then answers in the order of their requests. */
export type FromWorker = 'opened' | Failure | Damaged | readonly Answer[];

/** The data with which the worker starts. */
export interface WorkerData {
  readonly path: string;
  readonly options: DatabaseOptions;
}
