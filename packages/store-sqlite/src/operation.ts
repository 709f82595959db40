/** What the two threads say to each other: the store's methods as messages. */
import type { Ledger, LedgerErrorCode, LedgerRecord } from '@chat/mini-ca';
import type { Store, StoreConflict } from '@chat/server-core';
import type { StoreErrorCode } from './errors.ts';
import type { DatabaseOptions } from './file/database.ts';

/** The methods of the store's ledger, by names of their own; its records in pages. */
interface LedgerMethods {
  readonly appendRecord: Ledger['append'];
  readonly findCertificate: Ledger['find'];
  readonly revokedCertificates: Ledger['revoked'];
  readonly latestList: Ledger['latestCrl'];
  /** At most `limit` records after a position, in order. */
  readRecords(
    after: number,
    limit: number,
  ): Promise<readonly { readonly position: number; readonly record: LedgerRecord }[]>;
}

type Methods = Omit<Store, 'ledger' | 'close' | 'failed'> & LedgerMethods;

export type Operation = keyof Methods;
export type Result<O extends Operation> = Awaited<ReturnType<Methods[O]>>;

/** Gives one of the methods as whoever uses the store sees it. */
export type Call = <O extends Operation>(operation: O) => (...args: Parameters<Methods[O]>) => Promise<Result<O>>;

/** The methods without the promises: what the worker runs. */
export type Tables = { readonly [O in Operation]: (...args: Parameters<Methods[O]>) => Result<O> };

/** The operations that change something: they share a transaction and are answered only after it is durable. */
export const writes: ReadonlySet<Operation> = new Set<Operation>([
  'append',
  'putWrap',
  'putKnock',
  'putPrekey',
  'register',
  'addInvitation',
  'revokeAccount',
  'assignCertificate',
  'appendRecord',
]);

export interface Request {
  readonly id: number;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** An error's class does not survive the way between threads, so it travels as data. */
export type Failure =
  | { readonly kind: 'conflict'; readonly code: StoreConflict['code']; readonly message: string }
  | { readonly kind: 'ledger'; readonly code: LedgerErrorCode; readonly message: string }
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
