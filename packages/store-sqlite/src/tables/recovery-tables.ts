/** SQL for the encrypted backups of users' profiles. */
import type { Recovery, RecoveryStore } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { isSound, type Sound, sealOf, soundColumn, soundOnly } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

/** Prepares the operations on backups. */
export function recoveryTables(database: Database): Pick<Tables, keyof RecoveryStore> {
  const find = database.prepare<[string], Recovery & Sound>(
    `SELECT key, made_at AS madeAt, number, manifest, ${soundColumn('recoveries')} FROM recoveries WHERE user = ?`,
  );
  const has = database.prepare<[string]>('SELECT 1 FROM recoveries WHERE user = ?');
  const put = database.prepare<[string, string, number]>(
    'INSERT INTO recoveries (user, key, made_at, number, manifest) VALUES (?, ?, ?, 0, NULL)',
  );
  const erase = ['DELETE FROM recovery_chunks WHERE user = ?', 'DELETE FROM recoveries WHERE user = ?'].map((sql) =>
    database.prepare<[string]>(sql),
  );
  const count = database
    .prepare<[string], number>('SELECT coalesce(sum(size), 0) FROM recovery_chunks WHERE user = ?')
    .pluck();
  const sizeOf = database
    .prepare<[string, Uint8Array], number>('SELECT size FROM recovery_chunks WHERE user = ? AND chunk_id = ?')
    .pluck();
  const putChunk = database.prepare<[string, Uint8Array, number, Uint8Array]>(
    `INSERT INTO recovery_chunks (user, chunk_id, size, bytes) VALUES (?, ?, ?, ?)
     ON CONFLICT (user, chunk_id) DO UPDATE SET size = excluded.size, bytes = excluded.bytes`,
  );
  const findChunk = database
    .prepare<[string, Uint8Array], Buffer>(
      `SELECT bytes FROM recovery_chunks WHERE user = ? AND chunk_id = ? AND ${isSound('recovery_chunks')}`,
    )
    .pluck();
  const list = database
    .prepare<[string, Uint8Array, number], Buffer>(
      'SELECT chunk_id FROM recovery_chunks WHERE user = ? AND chunk_id > ? ORDER BY chunk_id LIMIT ?',
    )
    .pluck();
  const drop = database.prepare<[string, Uint8Array]>('DELETE FROM recovery_chunks WHERE user = ? AND chunk_id = ?');
  const setManifest = database.prepare<[number, Uint8Array, string]>(
    'UPDATE recoveries SET number = ?, manifest = ? WHERE user = ?',
  );
  const seal = sealOf(database, 'recoveries');
  const sealChunk = sealOf(database, 'recovery_chunks');

  const findRecovery = (user: string): Recovery | null => {
    const row = find.get(user);
    // A damaged row counts as none: the client registers its key again, and makes another backup.
    return row === undefined ? null : (soundOnly([row])[0] ?? null);
  };

  const endRecovery = (user: string): void => {
    for (const statement of erase) statement.run(user);
  };

  return {
    putRecoveryKey(user, { key, madeAt }) {
      if (findRecovery(user)?.key === key) return;
      endRecovery(user);
      put.run(user, key, madeAt);
      seal(user);
    },

    endRecovery,
    findRecovery,

    recoveryBytes: (user) => count.get(user) ?? 0,

    putRecoveryChunk(user, { id, bytes }, maxBytes) {
      if (has.get(user) === undefined) return 'no-recovery';
      const replaced = sizeOf.get(user, id) ?? 0;
      if ((count.get(user) ?? 0) - replaced + bytes.length > maxBytes) return 'full';
      putChunk.run(user, id, bytes.length, bytes);
      sealChunk(user, id);
      return 'stored';
    },

    findRecoveryChunk: (user, id) => findChunk.get(user, id) ?? null,

    recoveryChunks: (user, after, limit) => list.all(user, after ?? Buffer.alloc(0), limit),

    dropRecoveryChunks(user, ids) {
      for (const id of ids) drop.run(user, id);
    },

    putRecoveryManifest(user, { number, manifest }) {
      const found = findRecovery(user);
      if (found === null) return 'no-recovery';
      if (number <= found.number) return 'outdated';
      setManifest.run(number, manifest, user);
      seal(user);
      return 'stored';
    },
  };
}
