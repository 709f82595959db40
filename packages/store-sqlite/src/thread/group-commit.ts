/**
 * Commits many requests at once.
 *
 * The writes of a batch share one transaction. Each has a savepoint of its own, so a refused one does not affect the others. The
 * reads run after the commit, so they see durable data only. A read may see a later write of its batch. That is
 * allowed, because neither call had been answered when the other was made.
 */
import type { Database } from 'better-sqlite3';
import { Conflict, LedgerConflict, RowDamage } from '../conflict.ts';
import { type Answer, type Failure, type Request, type Tables, writes } from '../operation.ts';
import { isEnvironmental, toStoreError } from '../sqlite-error.ts';

/** Runs requests and returns their answers in the same order. Never throws: an error is an answer. */
export type RunBatch = (requests: readonly Request[]) => Answer[];

/** Prepares the function that runs a batch of requests. */
export function groupCommit(database: Database, tables: Tables): RunBatch {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const save = database.prepare('SAVEPOINT request');
  const release = database.prepare('RELEASE request');
  const undo = database.prepare('ROLLBACK TO request');

  const run = ({ operation, args }: Request): unknown =>
    // The types of the caller guarantee that the arguments fit the operation.
    (tables[operation] as (...args: readonly unknown[]) => unknown)(...args);
  const failed = ({ id }: Request, error: unknown): Answer => ({ id, failure: failureOf(error, database.name) });

  function write(request: Request): Answer {
    save.run();
    try {
      const value = run(request);
      release.run();
      return { id: request.id, value };
    } catch (error) {
      // SQLite may already have rolled back the whole transaction.
      if (isEnvironmental(error) || !database.inTransaction) throw error;
      undo.run();
      release.run();
      return failed(request, error);
    }
  }

  function writeAll(requests: readonly Request[]): Answer[] {
    try {
      begin.run();
      const answers = requests.map(write);
      commit.run();
      return answers;
    } catch (error) {
      if (database.inTransaction) rollback.run();
      return requests.map((request) => failed(request, error));
    }
  }

  function read(request: Request): Answer {
    try {
      return { id: request.id, value: run(request) };
    } catch (error) {
      return failed(request, error);
    }
  }

  return (requests) => {
    const writing = requests.filter(({ operation }) => writes.has(operation));
    const written = writing.length === 0 ? [] : writeAll(writing);
    let next = 0;
    return requests.map((request) => (writes.has(request.operation) ? written[next++] : undefined) ?? read(request));
  };
}

/** Converts an error to data. */
export function failureOf(error: unknown, path: string): Failure {
  if (error instanceof Conflict) return { kind: 'conflict', code: error.code, message: error.message };
  if (error instanceof LedgerConflict) return { kind: 'ledger', code: error.code, message: error.message };
  if (error instanceof RowDamage) return { kind: 'damage', message: error.message };
  const { code, message } = toStoreError(error, path);
  return { kind: 'store', code, message };
}
