/** Messages between the main thread and the worker: the store's methods, their results and errors. */
import type { Ledger, LedgerErrorCode, LedgerRecord } from '@chat/mini-ca';
import type { Appending, BlobStore, DamagedRow, Store, StoreConflict, StoredBlob } from '@chat/server-core';
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

/** A message to append, as the worker reads it from a record (`thread/message-records.ts`): its bytes are views of the record. */
export interface MessageRecord {
  readonly room: Appending['room'];
  readonly seq: number;
  readonly at: number;
  readonly hash: Buffer;
  readonly logHash: Buffer;
  readonly by: Buffer;
  readonly signature: Buffer;
  readonly payload: Buffer;
  readonly author: string;
  readonly cid: Buffer;
}

interface RecordMethods {
  /** Does what `append` does, for a message. */
  appendMessage(message: MessageRecord): Promise<void>;
}

/** The row of a blob. */
export interface NumberedBlob extends StoredBlob {
  /** The name of the file with its bytes. */
  readonly number: number;
}

/** The methods on the rows of blobs. */
export interface BlobMethods {
  readonly createBlob: BlobStore['create'];
  findBlob(id: string): Promise<NumberedBlob | null>;
  finishBlob(id: string, hash: string, now: number): Promise<void>;
  readonly deleteBlob: BlobStore['delete'];
  readonly deleteBlobsOfRoom: BlobStore['deleteOfRoom'];
  readonly deleteUnfinishedBlobs: BlobStore['deleteUnfinished'];
  /** Returns the numbers of deleted blobs whose files may be there. */
  deletedBlobs(limit: number): Promise<readonly number[]>;
  forgetDeletedBlobs(numbers: readonly number[]): Promise<void>;
  readonly blobUsage: BlobStore['usage'];
  readonly listBlobs: BlobStore['list'];
}

type Methods = Omit<Store, 'ledger' | 'blobs' | 'close' | 'failed' | 'watchDamage'> &
  LedgerMethods &
  RecordMethods &
  BlobMethods;

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
  'appendMessage',
  'repair',
  'putKnock',
  'dismissKnock',
  'putPrekey',
  'putLinks',
  'confirmLinks',
  'loseLinks',
  'deleteLinks',
  'expireLinks',
  'confirmWraps',
  'expireWraps',
  'register',
  'renewKey',
  'addInvitation',
  'withdrawInvitation',
  'revokeAccount',
  'freeNames',
  'assignCertificate',
  'forgetCertificates',
  'deleteRoom',
  'setRetention',
  'expire',
  'enterRun',
  'appendRecord',
  'createBlob',
  'finishBlob',
  'deleteBlob',
  'deleteBlobsOfRoom',
  'deleteUnfinishedBlobs',
  'forgetDeletedBlobs',
  'putRecoveryKey',
  'endRecovery',
  'putRecoveryChunk',
  'dropRecoveryChunks',
  'putRecoveryManifest',
]);

/** A call of an operation. */
export interface Request {
  /** One more than that of the request before. */
  readonly id: number;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** Requests in one message, in the order of their calls: their ids follow each other. */
export interface Batch {
  /** Id of the first request. */
  readonly first: number;
  /** Number of requests, in both forms. */
  readonly count: number;
  /** The requests that are no records. */
  readonly requests: readonly Request[];
  /** The others, which are messages to append (`thread/message-records.ts`); null when there are none. */
  readonly records: Uint8Array<ArrayBuffer> | null;
}

/** An error as data, because a message between threads does not keep the error's class. */
export type Failure =
  | { readonly kind: 'conflict'; readonly code: StoreConflict['code']; readonly message: string }
  | { readonly kind: 'ledger'; readonly code: LedgerErrorCode; readonly message: string }
  | { readonly kind: 'damage'; readonly message: string }
  | { readonly kind: 'store'; readonly code: StoreErrorCode; readonly message: string };

/** The result of the request with this id, or its failure. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** Answers all requests up to an id. */
export interface Answers {
  readonly upTo: number;
  /** In the order of the requests. Those that are not in the list have succeeded without a value. */
  readonly answers: readonly Answer[];
}

/** To the worker: requests, or `close`, which takes effect after them. */
export type ToWorker = Batch | 'close';

/** The damaged rows that the worker has met while it carried out the requests that it answers next. */
export interface Damaged {
  readonly damaged: readonly DamagedRow[];
}

/** The file is open. */
export interface Opened {
  /** `wrapsDeleted`: number of wraps that the migration of the file has deleted. */
  readonly opened: { readonly wrapsDeleted: number };
}

/** From the worker: first whether it has opened the file, then answers in the order of their requests. */
export type FromWorker = Opened | Failure | Damaged | Answers;

/** The data with which the worker starts. */
export interface WorkerData {
  readonly path: string;
  readonly options: DatabaseOptions;
}
