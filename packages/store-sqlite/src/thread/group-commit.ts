/**
 * Commits many requests at once.
 *
 * The writes of a batch share one transaction. When one of them is refused, the transaction is rolled back, and begins again with a
 * savepoint for each request, so that the refused one does not affect the others: refusals are rare, and savepoints for all take a
 * seventh of the time. The reads run after the commit, so they see durable data only. A read may see a later write of its batch.
 * That is allowed, because neither call had been answered when the other was made.
 */
import type { Database } from 'better-sqlite3';
import { Conflict, LedgerConflict, RowDamage } from '../conflict.ts';
import { type Answer, type Failure, type Operation, type Request, type Tables, writes } from '../operation.ts';
import { isEnvironmental, toStoreError } from '../sqlite-error.ts';
import type { RoomHeads } from '../tables/room-heads.ts';

/**
 * Runs requests and returns their answers in the same order, without those that succeeded and have no value. Never throws: an error
 * is an answer.
 */
export type RunBatch = (requests: readonly Request[]) => Answer[];

/** Operations after which a remembered end of a log may be wrong. */
const changesHeads: ReadonlySet<Operation> = new Set<Operation>(['deleteRoom', 'repair']);

/** Prepares the function that runs a batch of requests. */
export function groupCommit(database: Database, tables: Tables, heads: RoomHeads): RunBatch {
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

  const succeed = (request: Request): Answer => {
    const value = run(request);
    if (changesHeads.has(request.operation)) heads.forget();
    return { id: request.id, value };
  };

  function succeedOrFail(request: Request): Answer {
    save.run();
    try {
      const answer = succeed(request);
      release.run();
      return answer;
    } catch (error) {
      // SQLite may already have rolled back the whole transaction.
      if (isEnvironmental(error) || !database.inTransaction) throw error;
      undo.run();
      release.run();
      return failed(request, error);
    }
  }

  /** Carries out all requests, or none. */
  function transaction(requests: readonly Request[], write: (request: Request) => Answer): Answer[] {
    try {
      begin.run();
      heads.begin();
      const answers = requests.map(write);
      commit.run();
      return answers;
    } catch (error) {
      heads.forget();
      if (database.inTransaction) rollback.run();
      throw error;
    }
  }

  function writeAll(requests: readonly Request[]): Answer[] {
    try {
      return transaction(requests, succeed);
    } catch (error) {
      if (isEnvironmental(error) || requests.length === 1) return requests.map((request) => failed(request, error));
    }
    try {
      return transaction(requests, succeedOrFail);
    } catch (error) {
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
    return requests
      .map((request) => (writes.has(request.operation) ? written[next++] : undefined) ?? read(request))
      .filter((answer) => 'failure' in answer || answer.value !== undefined);
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
