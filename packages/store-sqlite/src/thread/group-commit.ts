/**
 * Many requests, one commit.
 *
 * The writes of a batch share one transaction, each within a savepoint, so that a refused one does not touch its
 * neighbours; then the reads run, so that they see only what is durable. All of them are open at the same time, so
 * this order is one that their callers could have met anyway.
 */
import type { Database } from 'better-sqlite3';
import { Conflict, LedgerConflict } from '../conflict.ts';
import { asStoreError, isEnvironmental } from '../errors.ts';
import { type Answer, type Failure, type Request, type Tables, writes } from '../operation.ts';

/** Runs requests and returns their answers in the same order. Never throws: a failure is an answer. */
export type RunBatch = (requests: readonly Request[]) => Answer[];

export function groupCommit(database: Database, tables: Tables): RunBatch {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const save = database.prepare('SAVEPOINT request');
  const release = database.prepare('RELEASE request');
  const undo = database.prepare('ROLLBACK TO request');

  const run = ({ operation, args }: Request): unknown =>
    // The sender's types guarantee that the arguments fit the operation.
    (tables[operation] as (...args: readonly unknown[]) => unknown)(...args);
  const failed = ({ id }: Request, error: unknown): Answer => ({ id, failure: asFailure(error, database.name) });

  function write(request: Request): Answer {
    save.run();
    try {
      const value = run(request);
      release.run();
      return { id: request.id, value };
    } catch (error) {
      // SQLite may have rolled the whole transaction back already.
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
    const changing = requests.filter(({ operation }) => writes.has(operation));
    const written = changing.length === 0 ? [] : writeAll(changing);
    let next = 0;
    return requests.map((request) => (writes.has(request.operation) ? written[next++] : undefined) ?? read(request));
  };
}

/** What is known of an error, as data. */
export function asFailure(error: unknown, path: string): Failure {
  if (error instanceof Conflict) return { kind: 'conflict', code: error.code, message: error.message };
  if (error instanceof LedgerConflict) return { kind: 'ledger', code: error.code, message: error.message };
  const { code, message } = asStoreError(error, path);
  return { kind: 'store', code, message };
}
