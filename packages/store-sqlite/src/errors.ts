/** Why the store could not do its work. A refusal because of what it holds is the port's `StoreConflict` instead. */

export type StoreErrorCode =
  /** The disk is full, the file cannot be read or written, or another process keeps it locked. May pass. */
  | 'store-unavailable'
  /** The file is not a chat store, or what it holds is damaged. */
  | 'store-damaged'
  /** There is no store, or an empty one, where there must be one. */
  | 'store-missing'
  /** A development version of this program, from before the first published one, wrote it. */
  | 'store-too-old'
  /** A later version of this program wrote it. */
  | 'store-too-new'
  /** It was called after `close`. */
  | 'store-closed'
  /** A defect: neither the caller nor the disk should be able to cause it. */
  | 'store-fault';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const passing = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|PROTOCOL|NOMEM|PERM|AUTH|INTERRUPT|ABORT)/;
const damage = /^SQLITE_(CORRUPT|NOTADB)/;
const full = /^SQLITE_(FULL|IOERR_WRITE)/;

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

/** True when SQLite or the disk failed, so that nothing in the open transaction can be relied on. */
export const isEnvironmental = (error: unknown): boolean => passing.test(codeOf(error)) || damage.test(codeOf(error));

/** What SQLite, or anything else, threw, in this package's terms. */
export function asStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const said = code === '' ? reason : `${code}: ${reason}`;
  if (damage.test(code)) {
    return new StoreError(
      'store-damaged',
      `${path} is damaged or is not a chat store (${said}): restore it from a backup.`,
      { cause: error },
    );
  }
  if (passing.test(code)) {
    const remedy = full.test(code)
      ? 'make room on its disk'
      : 'check that the file and its directory can be written and that no other program holds it locked';
    return new StoreError('store-unavailable', `${path} cannot be used now (${said}): ${remedy}.`, { cause: error });
  }
  return new StoreError('store-fault', `The store failed in a way that it should not (${said}).`, { cause: error });
}
