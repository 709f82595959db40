/** Brings a database to the schema of this version, or refuses it. */
import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.ts';
import { onlyLinks } from './only-links.ts';
import { addRowChecks } from './row-checks.ts';
import { firstVersion, migrations, tables } from './schema.ts';

/** `chat` in ASCII: distinguishes a chat store from other SQLite databases. */
const applicationId = 0x63686174;

/**
 * Brings a database to the schema of this version, in one transaction.
 *
 * @param steps SQL that leads from the first version to this one
 * @returns the number of wraps that a step has deleted, because they are of a form that clients do not open any more
 * @throws StoreError `store-too-new`, `store-too-old`, `store-damaged`
 */
export function migrate(database: Database, steps: readonly string[] = migrations): number {
  const current = firstVersion + steps.length;
  if (schemaVersion(database, steps) === current) return 0;
  addRowChecks(database);
  addConversions(database);
  return database
    .transaction(() => {
      // Read again: another process may have migrated the file while this one waited for the lock.
      const version = schemaVersion(database, steps);
      if (version === 0) database.exec(tables);
      const due = steps.slice(Math.max(0, version - firstVersion));
      const deleted = due.includes(onlyLinks) ? countWraps(database) : 0;
      for (const step of due) database.exec(step);
      database.pragma(`application_id = ${applicationId}`);
      database.pragma(`user_version = ${current}`);
      return deleted;
    })
    .immediate();
}

/** The table `wraps` is as in the first version until the step that deletes it. */
const countWraps = (database: Database): number =>
  database.prepare<[], number>('SELECT count(*) FROM wraps').pluck().get() ?? 0;

/** Gives SQL the functions `hex_bytes` and `base64url_bytes`. A text that is not of the form becomes its own bytes. */
function addConversions(database: Database): void {
  const convert = (form: 'hex' | 'base64url') => (text: unknown) => {
    const bytes = Buffer.from(String(text), form);
    return bytes.toString(form) === text ? bytes : Buffer.from(String(text));
  };
  database.function('hex_bytes', { deterministic: true }, convert('hex'));
  database.function('base64url_bytes', { deterministic: true }, convert('base64url'));
}

/**
 * Reads the schema version of a database, and changes nothing.
 *
 * @returns 0 for an empty database
 * @throws StoreError `store-too-new`, `store-too-old`; `store-damaged` for a database of another program
 */
export function schemaVersion(database: Database, steps: readonly string[] = migrations): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  const owner = database.pragma('application_id', { simple: true });
  const tableCount = database
    .prepare<[], { count: number }>('SELECT count(*) AS count FROM sqlite_schema')
    .get()?.count;
  if (tableCount === 0 && version === 0) return 0;
  if (owner !== applicationId) {
    throw new StoreError('store-damaged', `${database.name} is a database of another program: choose another file.`);
  }
  if (version < firstVersion) {
    throw new StoreError(
      'store-too-old',
      `${database.name} was written by a development version, with schema ${version}: start with a new data directory.`,
    );
  }
  const current = firstVersion + steps.length;
  if (version > current) {
    throw new StoreError(
      'store-too-new',
      `${database.name} has schema ${version} and this program supports up to ${current}: use a newer program.`,
    );
  }
  return version;
}

/**
 * Requires that a database, which may not be changed, has the schema of this version.
 *
 * @throws StoreError `store-too-new`, `store-too-old`, `store-damaged`
 */
export function requireCurrent(database: Database): void {
  const version = schemaVersion(database);
  if (version === firstVersion + migrations.length) return;
  throw new StoreError(
    'store-too-old',
    `${database.name} was written by an earlier version of this program: start the server once, then try again.`,
  );
}
