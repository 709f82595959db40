/**
 * `chat-server doctor`: checks the store and changes nothing: the structure of the file, each entry against its hashes, each other row
 * against its checksum. It reads the file itself, also while a server runs, so that it takes no time from that server.
 */
import { readFile } from 'node:fs/promises';
import { DamageLog, type Log, type RoomUsage, readCheckedPage, type Store, StoreDamage } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { type DataDirectory, dataDirectory } from '../data/data-directory.ts';
import { requireRecord } from '../data/server-record.ts';
import { silentLog } from '../log.ts';
import type { RunContext } from '../run-context.ts';
import { endOfAuthority } from './authority.ts';
import { allRooms } from './rooms.ts';

const accountsPerPage = 500;

/** One fault. `room` and `seq` locate a damaged entry, `table` and `row` another damaged row. */
interface Fault {
  readonly kind: 'structure' | 'row' | 'entry' | 'hash' | 'missing';
  readonly room?: string;
  readonly seq?: number;
  readonly table?: string;
  readonly row?: string;
  readonly detail?: string;
}

interface Report {
  readonly rooms: number;
  readonly entries: number;
  readonly accounts: number;
  readonly faults: readonly Fault[];
  /** What the operator has to do soon. */
  readonly warnings: readonly string[];
}

/**
 * Prints what is damaged.
 *
 * @throws CommandError `not-started`, `damaged-data` when something is damaged; StoreError
 */
export async function doctor(request: RequestFor<'doctor'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const store = await openSqliteStore(directory.store, { readOnly: true });
  let report: Report;
  try {
    report = { ...(await examine(store)), warnings: await warningsOf(directory) };
  } finally {
    await store.close();
  }
  print(request.json ? JSON.stringify(report) : asText(report));
  if (report.faults.length > 0) {
    throw new CommandError(
      'damaged-data',
      `${directory.store} is damaged in ${report.faults.length} places: stop the server and restore a backup.`,
    );
  }
}

async function warningsOf(directory: DataDirectory): Promise<readonly string[]> {
  const certificate = await readFile(directory.authorityCertificate, 'utf8').catch((error: unknown) => {
    throw fileAccessError('read', directory.authorityCertificate, error);
  });
  const ends = endOfAuthority(certificate, Date.now());
  return ends === null ? [] : [ends];
}

async function examine(store: Store): Promise<Omit<Report, 'warnings'>> {
  const structure = (await store.integrity()).map((detail): Fault => ({ kind: 'structure', detail }));
  const rows = (await store.damagedRows()).map(({ table, key }): Fault => ({ kind: 'row', table, row: key }));
  const rooms = await allRooms(store);
  const faults = [...structure, ...rows];
  for (const room of rooms) faults.push(...(await faultsOf(store, room)));
  const entries = rooms.reduce((sum, room) => sum + room.entries, 0);
  return { rooms: rooms.length, entries, accounts: await countAccounts(store), faults };
}

/** Reads a log as the server does, page by page up to the entries that were there at the start. */
async function faultsOf(store: Store, { room, entries }: RoomUsage): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const log: Log = {
    ...silentLog,
    error: (fields) => {
      const { seq, damaged } = fields as { readonly seq: number; readonly damaged: 'entry' | 'hash' | 'missing' };
      faults.push({ kind: damaged, room, seq });
    },
  };
  const damage = new DamageLog(log);
  // Another row of the room may be damaged, so that the server could not load it.
  const head = store.load(room).then((state) => state?.head ?? 0);
  const last = await head.catch((error: unknown) => {
    if (error instanceof StoreDamage) return entries;
    throw error;
  });
  for (let after = 0; after < last; ) {
    const page = await readCheckedPage(room, { after, last }, { store, damage });
    after = page.at(-1)?.seq ?? last;
  }
  return faults;
}

async function countAccounts(store: Store): Promise<number> {
  for (let count = 0, after: string | null = null; ; ) {
    const page = await store.listAccounts(after, accountsPerPage);
    count += page.length;
    if (page.length < accountsPerPage) return count;
    after = page.at(-1)?.user ?? after;
  }
}

const texts: { readonly [K in Fault['kind']]: (fault: Fault) => string } = {
  structure: ({ detail }) => `file: ${detail}`,
  row: ({ table, row }) => `table ${table}: the row ${row} is damaged and is not used`,
  entry: ({ room, seq }) => `room ${room}: entry ${seq} is damaged and is not served`,
  hash: ({ room, seq }) => `room ${room}: a hash of entry ${seq} is damaged; the entry is sound and is served`,
  missing: ({ room, seq }) => `room ${room}: entry ${seq} is missing`,
};

function asText({ rooms, entries, accounts, faults, warnings }: Report): string {
  const counts = `Checked: rooms ${rooms}, entries ${entries}, accounts ${accounts}.`;
  return [
    ...faults.map((fault) => texts[fault.kind](fault)),
    counts,
    ...warnings,
    ...(faults.length === 0 ? ['All is sound.'] : []),
  ].join('\n');
}
