/** Classifies errors of SQLite and of the operating system. */
import { StoreError } from './errors.ts';

const temporary = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|PROTOCOL|NOMEM|PERM|AUTH|INTERRUPT|ABORT)/;
const damaged = /^SQLITE_(CORRUPT|NOTADB)/;
const diskFull = /^SQLITE_(FULL|IOERR_WRITE|IOERR_SHMSIZE)/;

/**
 * Returns the code of an error of SQLite or of the operating system; null when it has none. The worker does not load
 * `@chat/protocol`, which has a similar function, so that it starts quickly.
 */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Returns true when SQLite or the disk has failed, so that nothing in the open transaction is reliable. */
export function isEnvironmental(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code !== null && (temporary.test(code) || damaged.test(code));
}

/**
 * Converts any error to a `StoreError`.
 *
 * @param path of the store, for the message
 */
export function toStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = systemCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const reason = code === null ? message : `${code}: ${message}`;
  const options = { cause: error };
  if (code !== null && damaged.test(code)) {
    return new StoreError(
      'store-damaged',
      `${path} is damaged or is not a chat store (${reason}): restore it from a backup.`,
      options,
    );
  }
  if (code !== null && temporary.test(code)) {
    const remedy = diskFull.test(code)
      ? 'free some space on its disk'
      : 'check that its disk has free space, that the file and its directory are writable and that no other program keeps the file locked';
    return new StoreError('store-unavailable', `${path} cannot be used now (${reason}): ${remedy}.`, options);
  }
  return new StoreError('store-fault', `The store failed because of a defect (${reason}).`, options);
}
