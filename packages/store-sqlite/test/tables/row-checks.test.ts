/** A byte that rots in a row is found when the row is read: the row is not served, and the server learns which it is. */
import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import type { DamagedRow, Store } from '@chat/server-core';
import { isFullRun } from '@chat/testkit';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/file/database.ts';
import { checkedTables } from '../../src/file/row-checks.ts';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const identity = new Uint8Array([1, 2, 3]);
const room = roomId(1);
const fingerprint = 'f'.repeat(64);
const change = (kind: object) => kind as never;

/** Creates a store that has a row in every table. */
async function filled(): Promise<string> {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  for (const user of ['alice', 'bob']) await store.register({ user, fingerprint: user, identity, enrolledAt: 1 }, null);
  await store.register({ user: 'frank', fingerprint: 'frank', identity, enrolledAt: 1 }, null);
  const renewal = { number: 1, previous: 'AAAA', key: 'BBBB', madeAt: 1, signature: 'CCCC', proof: 'DDDD' };
  await store.renewKey('frank', { before: 'frank', renewals: [renewal], fingerprint: 'frank2', identity });
  await store.revokeAccount('bob', { at: 5, reason: 'keyCompromise' });
  await store.addInvitation({ tokenHash: 'token', expiresAt: 9_000, user: 'zoe' });
  await store.register({ user: 'grace', fingerprint: 'grace', identity, enrolledAt: 1 }, null);
  await store.revokeAccount('grace', { at: 5, reason: 'superseded' });
  await store.freeNames('grace', 6);
  await store.putPrekey('alice', { suite: 'X-Wing', prekey: 'AAAA', madeAt: 5, signature: 'BBBB' }, 9_000);
  await store.putRecoveryKey('alice', { key: 'AAAA', madeAt: 5 });
  await store.putRecoveryChunk('alice', { id: bytes(32), bytes: bytes(40) }, 9_000);
  await store.putRecoveryManifest('alice', { number: 1, manifest: bytes(30) });
  await store.enterRun('alice', { id: 'aa', earlier: [], replaceOthers: false }, 7);
  await store.assignCertificate({ serial: '01', user: 'alice', notAfter: 9_000 }, 2);
  const issued = {
    at: 1,
    profile: 'client',
    lifetimeMs: 1,
    notBefore: 1,
    notAfter: 2,
    fingerprint,
    certificate: 'MAA=',
  };
  await store.ledger.append({ type: 'issued', serial: '01', ...issued });
  await store.ledger.append({ type: 'revoked', serial: '01', at: 3, reason: 'keyCompromise' });
  await store.ledger.append({ type: 'crl', number: 1, at: 4, nextUpdate: 5 });
  await store.append(entryAt(1, 1));
  const append = (seq: number, what: object) => store.append({ ...entryAt(1, seq), change: change(what) });
  await append(2, { kind: 'invite', user: 'carol', fingerprint, by: 'alice' });
  await append(3, { kind: 'remove', user: 'dave', fingerprint });
  await append(4, { kind: 'revoke', user: 'erin', fingerprint, departure: null });
  const epoch = { number: 1, v: 2, hash: 'h'.repeat(64), answers: 4, freshSeq: 5, freshAt: 1 };
  await append(5, { kind: 'epoch', epoch, sheets: [sheet] });
  await store.putLinks([link], { now: 1, waiting: 9 });
  await store.blobs.create(blob);
  await store.blobs.append(blob.id, 0, bytes(1));
  await store.blobs.finish(blob.id, createHash('sha256').update(bytes(1)).digest('hex'), 2);
  await store.putKnock(room, 'mallory', { payload: '{}', by: fingerprint, signature: 'DDDD' }, knocking);
  await store.close();
  return path;
}

const bytes = (length: number, value = 1) => Buffer.alloc(length, value);
const link = { from: fingerprint, to: 'e'.repeat(64), id: bytes(8), prekey: bytes(8), opening: bytes(1_138) };
const blob = { id: 'b'.repeat(32), room, user: 'alice', bytes: 1, createdAt: 1 };
const sheet = {
  place: 0,
  size: 1,
  recipients: Buffer.from(fingerprint, 'hex'),
  slots: bytes(60),
  waiting: 1,
  above: bytes(0),
};

const knocking = { now: 10, ageMs: 100, dismissalMs: 100, perRoom: 10, perUser: 10 };

const template = filled();

/** Changes a column of a row as a disk does, beside the store. */
function rot(path: string, table: string, column: string): void {
  const database = new Sqlite(path);
  database.pragma('ignore_check_constraints = ON');
  database.pragma('foreign_keys = OFF');
  const { value, type } = database
    .prepare<[], { value: unknown; type: string }>(
      `SELECT "${column}" AS value, typeof("${column}") AS type FROM ${table} LIMIT 1`,
    )
    .get() ?? { value: null, type: 'null' };
  const changed =
    type === 'blob'
      ? Buffer.from([9])
      : type === 'text'
        ? `${value}`.replace(/.$/, (last) => (last === 'z' ? 'y' : 'z'))
        : 12_345;
  database.prepare(`UPDATE ${table} SET "${column}" = ?`).run(changed);
  database.close();
}

async function withStore<T>(path: string, work: (store: Store, found: DamagedRow[]) => Promise<T>): Promise<T> {
  const store = await openSqliteStore(path);
  const found: DamagedRow[] = [];
  store.watchDamage((row) => found.push(row));
  try {
    return await work(store, found);
  } finally {
    await store.close();
  }
}

const damage = { name: 'StoreDamage' };

/** How each table is read, and what a reader gets of a damaged row. */
const readers: Readonly<Record<keyof typeof checkedTables, (store: Store) => Promise<void>>> = {
  accounts: async (store) => {
    await expect(store.findAccount('alice')).rejects.toMatchObject(damage);
    await expect(
      store.register({ user: 'alice', fingerprint: 'x', identity, enrolledAt: 1 }, null),
    ).rejects.toMatchObject(damage);
    await expect(store.revokeAccount('alice', { at: 1, reason: 'superseded' })).rejects.toMatchObject(damage);
    expect(await store.revokedAccounts()).toEqual([]);
    expect(await store.listAccounts(null, 9)).toEqual([]);
    expect(await store.findPrekeys(['alice'])).toEqual([]);
  },
  prekeys: async (store) => {
    expect(await store.findPrekeys(['alice'])).toEqual([]);
    // A new one replaces it, however late the damaged one claims to be.
    expect(
      await store.putPrekey('alice', { suite: 'X-Wing', prekey: 'EEEE', madeAt: 6, signature: 'FFFF' }, 9_000_000),
    ).toBe(true);
    expect(await store.findPrekeys(['alice'])).toHaveLength(1);
  },
  key_renewals: async (store) => {
    await expect(store.renewalsOf('frank', 9)).rejects.toMatchObject(damage);
  },
  recoveries: async (store) => {
    expect(await store.findRecovery('alice')).toBeNull();
    // The client registers its key again.
    await store.putRecoveryKey('alice', { key: 'AAAA', madeAt: 5 });
    expect(await store.findRecovery('alice')).toMatchObject({ number: 0 });
  },
  recovery_chunks: async (store) => {
    expect(await store.findRecoveryChunk('alice', bytes(32))).toBeNull();
    expect(await store.putRecoveryChunk('alice', { id: bytes(32), bytes: bytes(41) }, 9_000)).toBe('stored');
    expect(await store.findRecoveryChunk('alice', bytes(32))).toEqual(new Uint8Array(bytes(41)));
  },
  runs: async (store) => {
    expect(await store.enterRun('alice', { id: 'bb', earlier: [], replaceOthers: false }, 8)).toBeNull();
  },
  invitations: async (store) => {
    const account = { user: 'zoe', fingerprint: 'zoe', identity, enrolledAt: 1 };
    await expect(store.register(account, 'token')).rejects.toMatchObject(damage);
  },
  retired_keys: async (store) => {
    const account = { user: 'zoe', fingerprint: 'grace', identity, enrolledAt: 1 };
    await expect(store.register(account, null)).rejects.toMatchObject(damage);
  },
  holders: async (store) => {
    expect(await store.certificatesOf('alice')).toEqual([]);
    await store.assignCertificate({ serial: '02', user: 'alice', notAfter: 9_000 }, 2);
    expect(await store.certificatesOf('alice')).toEqual(['02']);
  },
  certificates: async (store) => {
    await expect(store.ledger.find('01')).rejects.toMatchObject(damage);
    await expect(store.ledger.revoked()).rejects.toMatchObject(damage);
  },
  revocations: async (store) => {
    await expect(store.ledger.find('01')).rejects.toMatchObject(damage);
    await expect(store.ledger.revoked()).rejects.toMatchObject(damage);
  },
  revocation_lists: async (store) => {
    await expect(store.ledger.latestCrl()).rejects.toMatchObject(damage);
    await expect(store.ledger.records()[Symbol.asyncIterator]().next()).rejects.toMatchObject(damage);
  },
  rooms: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
    await expect(store.append(entryAt(1, 6))).rejects.toMatchObject(damage);
    expect(await store.list('alice', { limit: 9 })).toEqual([]);
    expect(await store.invitationsOf('carol', { limit: 9 })).toEqual([]);
  },
  members: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
    const roles = change({ kind: 'role', roles: [{ user: 'alice', role: 'moderator' }] });
    await expect(store.append({ ...entryAt(1, 6), change: roles })).rejects.toMatchObject(damage);
  },
  invited: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
    expect(await store.invitationsOf('carol', { limit: 9 })).toEqual([]);
  },
  removals: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
  },
  revoked: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
  },
  knocks: async (store) => {
    expect(await store.knocksAt(room, knocking)).toEqual([]);
    expect(await store.knocksOf('mallory', knocking)).toEqual([]);
    // The user knocks again.
    expect(await store.putKnock(room, 'mallory', { payload: '{}', by: fingerprint, signature: 'EEEE' }, knocking)).toBe(
      true,
    );
  },
  epochs: async (store) => {
    await expect(store.load(room)).rejects.toMatchObject(damage);
  },
  links: async (store) => {
    expect(await store.linksFrom(link.from)).toEqual([]);
    expect(await store.loseLinks([link])).toEqual([]);
    // The sender puts the same link again.
    expect(await store.putLinks([link], { now: 2, waiting: 1 })).toEqual([]);
    expect(await store.linksFrom(link.from)).toHaveLength(1);
  },
  openings: async (store) => {
    expect(await store.linksTo(link.to, 9)).toEqual([]);
    expect(await store.putLinks([{ ...link, id: bytes(8, 2) }], { now: 2, waiting: 9 })).toEqual([]);
    expect(await store.linksTo(link.to, 9)).toHaveLength(1);
    await store.confirmLinks([link]);
    expect(await store.damagedRows()).toEqual([]);
  },
  blobs: async (store) => {
    await expect(store.blobs.find(blob.id)).rejects.toMatchObject(damage);
    await expect(store.blobs.read(blob.id, 0, 1)).rejects.toMatchObject(damage);
    expect(await store.blobs.list('all', null, 9)).toEqual([]);
    expect(await store.blobs.delete(blob.id)).toBe(true);
    expect(await store.damagedRows()).toEqual([]);
  },
  wrap_sheets: async (store) => {
    expect(await store.findWraps(room, fingerprint, { from: 1, to: 1 })).toEqual([]);
    expect(await store.findSheet(room, fingerprint, 1)).toBeNull();
    await store.confirmWraps([{ room, recipient: fingerprint, from: 1, to: 1 }]);
    expect(await store.expireWraps({ before: Number.MAX_SAFE_INTEGER, limit: 9 })).toMatchObject({ rows: 1 });
  },
};

/** Entries have hashes of their own. The others have nothing but a key, so a damaged row is not found, or belong to SQLite. */
const unchecked = ['entries', 'deleted_rooms', 'deleted_blobs', 'sqlite_sequence'];

test('every table with more than a key has a checksum, which covers all of its columns', () => {
  const database = openDatabase(temporaryFile(), { create: true, busyTimeoutMs: 0, maxBytes: null });
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  expect(tables.filter((table) => !unchecked.includes(table)).sort()).toEqual(Object.keys(checkedTables).sort());
  for (const [table, { key, others }] of Object.entries(checkedTables)) {
    const columns = database.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    expect(columns.sort(), table).toEqual([...key, ...others, 'checksum'].sort());
  }
  database.close();
});

test('a store whose rows are sound reports none', async () => {
  await withStore(await template, async (store, found) => {
    expect(await store.damagedRows()).toEqual([]);
    expect(await store.load(room)).not.toBeNull();
    expect(found).toEqual([]);
  });
});

const columns = Object.entries(checkedTables).flatMap(([table, { others }]) =>
  others.filter((_, index) => isFullRun || index % 6 === 0).map((column) => [table, column] as const),
);

test.each(columns)('a damaged row of %s is found by its %s', async (table, column) => {
  const path = temporaryFile();
  copyFileSync(await template, path);
  rot(path, table, column);
  await withStore(path, async (store, found) => {
    const damaged = await store.damagedRows();
    expect(damaged.length).toBeGreaterThan(0);
    expect(new Set(damaged.map((row) => row.table))).toEqual(new Set([table]));
    if (column === 'position' || column === 'id') return;
    await readers[table as keyof typeof checkedTables](store);
    expect(found.map((row) => row.table)).toContain(table);
    expect(damaged.map(({ key }) => key)).toContain(found[0]?.key);
  });
});
