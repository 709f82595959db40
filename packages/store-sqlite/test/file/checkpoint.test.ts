/** The write-ahead log is copied in quiet moments, and has a bound without them. */
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Checkpoint } from '../../src/file/checkpoint.ts';
import { openDatabase } from '../../src/file/database.ts';
import { temporaryFile } from '../support/temporary-file.ts';

describe('a checkpoint', () => {
  let database: Database;
  beforeEach(() => {
    vi.useFakeTimers();
    database = openDatabase(temporaryFile(), { create: true, busyTimeoutMs: 0, maxBytes: null });
    database.exec('CREATE TABLE filler (data BLOB)');
  });
  afterEach(() => {
    database.close();
    vi.useRealTimers();
  });

  const write = (pages: number): unknown =>
    database.prepare('INSERT INTO filler VALUES (zeroblob(?))').run(pages * 4096);
  const waiting = (): number => {
    const state = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)').get();
    return state === undefined ? Number.NaN : state.log - state.checkpointed;
  };

  test('does not copy a short log', () => {
    const checkpoint = new Checkpoint(database);
    write(100);
    checkpoint.afterBatch(1);
    vi.runAllTimers();
    expect(waiting()).toBeGreaterThan(100);
  });

  test('copies a longer log in a quiet moment', () => {
    const checkpoint = new Checkpoint(database);
    write(2_000);
    for (let batch = 0; batch < 10; batch++) {
      checkpoint.afterBatch(1);
      vi.advanceTimersByTime(10);
    }
    expect(waiting()).toBeGreaterThan(2_000);
    vi.runAllTimers();
    expect(waiting()).toBe(0);
  });

  test('copies a very long log at once', () => {
    const checkpoint = new Checkpoint(database);
    write(5_000);
    checkpoint.afterBatch(1);
    expect(waiting()).toBe(0);
  });

  test('does not copy after stop', () => {
    const checkpoint = new Checkpoint(database);
    write(2_000);
    checkpoint.afterBatch(1);
    checkpoint.stop();
    vi.runAllTimers();
    expect(waiting()).toBeGreaterThan(2_000);
  });
});
