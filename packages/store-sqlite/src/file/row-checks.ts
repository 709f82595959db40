/**
 * Checksums of rows. Each table whose rows nothing else protects has a column `checksum`. A write seals the row, and a read compares it,
 * so that a byte that rots on the disk is found and not served. Entries have hashes of their own, which the server compares.
 */
import { createHash } from 'node:crypto';
import type { DamagedRow } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { RowDamage } from '../conflict.ts';

interface CheckedTable {
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** All other columns, except `checksum`. */
  readonly others: readonly string[];
}

/** The tables with checksums. A migration that adds a column to one of them seals its rows again. */
export const checkedTables = {
  accounts: { key: ['user'], others: ['fingerprint', 'identity', 'enrolled_at', 'revoked_at', 'revoked_reason'] },
  prekeys: { key: ['user'], others: ['suite', 'prekey', 'made_at', 'signature'] },
  key_renewals: { key: ['user', 'number'], others: ['previous', 'key', 'made_at', 'signature', 'proof'] },
  recoveries: { key: ['user'], others: ['key', 'made_at', 'number', 'manifest'] },
  recovery_chunks: { key: ['user', 'chunk_id'], others: ['size', 'bytes'] },
  runs: { key: ['user'], others: ['id', 'at'] },
  invitations: { key: ['token_hash'], others: ['expires_at', 'used_by', 'user', 'uses', 'used'] },
  retired_keys: { key: ['fingerprint'], others: ['at'] },
  holders: { key: ['user', 'issue'], others: ['serial', 'not_after'] },
  certificates: {
    key: ['serial'],
    others: ['position', 'at', 'profile', 'lifetime_ms', 'not_before', 'not_after', 'fingerprint', 'certificate'],
  },
  revocations: { key: ['serial'], others: ['position', 'at', 'reason'] },
  revocation_lists: { key: ['number'], others: ['position', 'at', 'next_update'] },
  rooms: {
    key: ['room'],
    others: [
      'id',
      'name',
      'join_policy',
      'history',
      'created_at',
      'membership_seq',
      'removal_seq',
      'member_count',
      'expired_seq',
      'expired_messages',
      'expired_bytes',
      'wraps_swept',
      'keep_ms',
      'keep_messages',
      'keep_bytes',
    ],
  },
  members: { key: ['room', 'user'], others: ['fingerprint', 'joined_at', 'reads_from', 'role', 'role_seq'] },
  invited: { key: ['room', 'user'], others: ['fingerprint', 'seq', 'by', 'at'] },
  removals: { key: ['room', 'fingerprint'], others: ['user', 'seq'] },
  revoked: { key: ['room', 'fingerprint'], others: ['user', 'seq'] },
  knocks: { key: ['room', 'user'], others: ['id', 'payload', 'signed_by', 'signature', 'at', 'dismissed_at'] },
  epochs: { key: ['room', 'number'], others: ['hash', 'answers', 'fresh_seq', 'fresh_at', 'v'] },
  links: { key: ['sender', 'recipient', 'id'], others: ['at', 'lost'] },
  openings: { key: ['sender', 'recipient', 'id'], others: ['prekey', 'opening', 'at'] },
  wrap_sheets: {
    key: ['room', 'epoch', 'first'],
    others: ['place', 'size', 'recipients', 'slots', 'waiting', 'above', 'at'],
  },
  blobs: { key: ['id'], others: ['number', 'room', 'user', 'bytes', 'created_at', 'finished_at', 'hash'] },
} as const satisfies Readonly<Record<string, CheckedTable>>;

/** The name of a table with checksums. */
export type CheckedTableName = keyof typeof checkedTables;

/** What a row read with `soundColumn` has besides its own columns. */
export interface Sound {
  /** 1 when the row agrees with its checksum. */
  readonly sound: 0 | 1;
}

const columnsOf = (table: CheckedTableName): readonly string[] => [
  ...checkedTables[table].key,
  ...checkedTables[table].others,
];

const listOf = (table: CheckedTableName, alias: string): string =>
  columnsOf(table)
    .map((column) => `${alias}.${column}`)
    .join(', ');

/** Returns a condition in SQL that is 1 for a sound row, and 0 for a damaged one, which it reports. */
export const isSound = (table: CheckedTableName, alias: string = table): string =>
  `row_is_sound('${table}', ${alias}.checksum, ${listOf(table, alias)})`;

/** Returns `isSound` as a column. Of several tables, all rows must be sound. */
export const soundColumn = (...tables: readonly CheckedTableName[]): string =>
  `${tables.map((table) => isSound(table)).join(' AND ')} AS sound`;

/** Returns SQL that inserts a row with its checksum. Each column is a parameter of its name. */
export function insertion(table: CheckedTableName): string {
  const values = columnsOf(table)
    .map((column) => `@${column}`)
    .join(', ');
  return `INSERT INTO ${table} (${columnsOf(table).join(', ')}, checksum) VALUES (${values}, row_checksum('${table}', ${values}))`;
}

/** Returns SQL that computes the checksum of the rows of a table for which the condition holds. */
export const sealing = (table: CheckedTableName, condition: string): string =>
  `UPDATE ${table} SET checksum = row_checksum('${table}', ${listOf(table, table)}) WHERE ${condition}`;

/** Seals the row with this key. To be called after every write of a row. */
export type Seal = (...key: readonly (string | number | Uint8Array)[]) => void;

/** Prepares the function that seals the rows of a table. */
export function sealOf(database: Database, table: CheckedTableName): Seal {
  const condition = checkedTables[table].key.map((column) => `${column} = ?`).join(' AND ');
  const seal = database.prepare<(string | number | Uint8Array)[]>(sealing(table, condition));
  return (...key) => void seal.run(...key);
}

/** Returns a row without the column `sound`. @throws RowDamage for a damaged row */
export function requireSound<Row extends Sound>({ sound, ...row }: Row): Omit<Row, 'sound'> {
  if (sound === 0) throw new RowDamage();
  return row;
}

/** Returns the sound ones of these rows, without the column `sound`. */
export const soundOnly = <Row extends Sound>(rows: readonly Row[]): Omit<Row, 'sound'>[] =>
  rows.filter(({ sound }) => sound === 1).map(requireSound);

/**
 * Gives SQL the functions `row_checksum` and `row_is_sound`.
 *
 * @param report called for each damaged row that a statement meets
 */
export function addRowChecks(database: Database, report: (row: DamagedRow) => void = () => {}): void {
  database.function('row_checksum', { varargs: true, deterministic: true }, (...values) => checksumOf(values));
  database.function('row_is_sound', { varargs: true }, (table, checksum, ...values) => {
    // A row of a join that has no partner.
    if (values[0] === null) return 1;
    if (checksumOf([table, ...values]) === checksum) return 1;
    const { key } = checkedTables[table as CheckedTableName];
    report({ table: String(table), key: keyText(values.slice(0, key.length)) });
    return 0;
  });
}

/** Prepares the function that puts the room id in place of the row id of a room in the name of a row. */
export function nameOfRow(database: Database): (row: DamagedRow) => DamagedRow {
  const roomOf = database.prepare<[number], string>('SELECT room FROM rooms WHERE id = ?').pluck();
  return ({ table, key }) => {
    const [id, ...others] = key.split(' ');
    const isInRoom = table !== 'rooms' && checkedTables[table as CheckedTableName].key[0] === 'room';
    return { table, key: isInRoom ? [roomOf.get(Number(id)) ?? id, ...others].join(' ') : key };
  };
}

/** Returns the damaged rows of a table. */
export function damagedRowsOf(database: Database, table: CheckedTableName): DamagedRow[] {
  const damaged = database.prepare<[], Record<string, unknown>>(
    `SELECT ${checkedTables[table].key.join(', ')} FROM ${table}
     WHERE checksum <> row_checksum('${table}', ${listOf(table, table)})`,
  );
  const nameOf = nameOfRow(database);
  return damaged.all().map((row) => nameOf({ table, key: keyText(Object.values(row)) }));
}

const keyText = (values: readonly unknown[]): string =>
  values.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : String(value))).join(' ');

/** Half of a SHA-256 would do against chance. It is no protection against a person who can write the file. */
function checksumOf(values: readonly unknown[]): string {
  const text = JSON.stringify(values.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value)));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
