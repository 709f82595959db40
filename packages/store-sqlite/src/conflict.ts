/** The worker's forms of the ports' refusals. The worker does not load the ports' packages, so that it starts quickly. */
import type { LedgerErrorCode } from '@chat/mini-ca';
import type { StoreConflict } from '@chat/server-core';

/** Becomes a `StoreConflict` in the main thread. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  readonly code: StoreConflict['code'];

  constructor(code: StoreConflict['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Becomes a `CaError` of the ledger in the main thread. */
export class LedgerConflict extends Error {
  override readonly name = 'LedgerConflict';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Becomes a `StoreDamage` in the main thread. */
export class RowDamage extends Error {
  override readonly name = 'RowDamage';

  constructor(options?: ErrorOptions) {
    super('A row of the store differs from its checksum: run "chat-server check" and restore a backup.', options);
  }
}
