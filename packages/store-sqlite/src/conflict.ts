/** The worker's forms of the ports' refusals: the ports' packages are not loaded in the worker. */
import type { LedgerErrorCode } from '@chat/mini-ca';
import type { StoreConflict } from '@chat/server-core';

/** A `StoreConflict`. */
export class Conflict extends Error {
  readonly code: StoreConflict['code'];

  constructor(code: StoreConflict['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A `CaError` of the ledger. */
export class LedgerConflict extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
