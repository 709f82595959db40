/** Checks a store and changes nothing: the structure of the file, each entry against its hashes, each other row against its checksum. */
import {
  DamageLog,
  type Log,
  type Maintenance,
  type RoomUsage,
  readCheckedPage,
  type Store,
  StoreDamage,
} from '@chat/server-core';
import { silentLog } from '../log.ts';

const accountsPerPage = 500;
const roomsPerPage = 200;

/** One fault of a store. `room` and `seq` locate a damaged entry, `table` and `row` another damaged row. */
export interface StoreFault {
  readonly kind: 'structure' | 'row' | 'entry' | 'hash' | 'missing';
  readonly room?: string;
  readonly seq?: number;
  readonly table?: string;
  readonly row?: string;
  readonly detail?: string;
}

/** What a store holds, and what is wrong with it. */
export interface StoreReport {
  readonly rooms: number;
  readonly entries: number;
  readonly accounts: number;
  readonly faults: readonly StoreFault[];
}

/** Returns all rooms of a store. */
export async function allRooms(store: Pick<Maintenance, 'roomUsage'>): Promise<readonly RoomUsage[]> {
  const rooms: RoomUsage[] = [];
  for (;;) {
    const page = await store.roomUsage(rooms.at(-1)?.room ?? null, roomsPerPage);
    rooms.push(...page);
    if (page.length < roomsPerPage) return rooms;
  }
}

/** Reads everything that is stored. */
export async function examineStore(store: Store): Promise<StoreReport> {
  const structure = (await store.integrity()).map((detail): StoreFault => ({ kind: 'structure', detail }));
  const rows = (await store.damagedRows()).map(({ table, key }): StoreFault => ({ kind: 'row', table, row: key }));
  const rooms = await allRooms(store);
  const faults = [...structure, ...rows];
  for (const room of rooms) faults.push(...(await faultsOf(store, room)));
  const entries = rooms.reduce((sum, room) => sum + room.entries, 0);
  return { rooms: rooms.length, entries, accounts: await countAccounts(store), faults };
}

/** Reads a log as the server does, page by page up to the entries that were there at the start. */
async function faultsOf(store: Store, { room, entries }: RoomUsage): Promise<readonly StoreFault[]> {
  const faults: StoreFault[] = [];
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

const texts: { readonly [K in StoreFault['kind']]: (fault: StoreFault) => string } = {
  structure: ({ detail }) => `file: ${detail}`,
  row: ({ table, row }) => `table ${table}: the row ${row} is damaged and is not used`,
  entry: ({ room, seq }) => `room ${room}: entry ${seq} is damaged and is not served`,
  hash: ({ room, seq }) => `room ${room}: a hash of entry ${seq} is damaged; the entry is sound and is served`,
  missing: ({ room, seq }) => `room ${room}: entry ${seq} is missing`,
};

/** Returns a fault as a line for the operator. */
export const faultText = (fault: StoreFault): string => texts[fault.kind](fault);
