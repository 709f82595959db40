/** The ways in which a server can show another log than the one that it stores. */
import { entryHash, type LoggedEntry, type RoomId, type SignedEntry } from '@chat/protocol';
import type { StoredEntry } from '@chat/server-core';
import type { World } from '../run/world.ts';
import { forged, forgedRenewal, forgedRevocation, inventedJoin } from './forgeries.ts';

/** An `entry` or `stub` push without its kind, room and position. */
export type Item = { readonly at: number; readonly entry: SignedEntry } | { readonly hash: string };

export interface LogEdit {
  readonly name: string;
  /** The number of entries of the true log that it replaces. */
  readonly width: number;
  /** Returns what is shown instead of them. The result depends on the entries only. */
  readonly make: (items: readonly Item[]) => readonly Item[];
  /** True if the following entries are renumbered, so that no gap is visible. */
  readonly renumbers: boolean;
}

const itemOf = ({ at, entry }: LoggedEntry | StoredEntry): Item => ({ at, entry });

/** Changes a bit of one byte. */
const alteredBytes = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at % bytes.length ? byte ^ 1 : byte));

/** Replaces one character. Hexadecimal stays valid. */
function altered(text: string, at: number): string {
  const index = at % text.length;
  return `${text.slice(0, index)}${text[index] === 'b' ? 'c' : 'b'}${text.slice(index + 1)}`;
}

const onEntry = (change: (entry: SignedEntry) => SignedEntry) => (items: readonly Item[]) =>
  items.map((item) => ('entry' in item ? { ...item, entry: change(item.entry) } : { hash: altered(item.hash, 7) }));

/** Returns an edit for a room, chosen by the seed. */
export function chooseEdit(world: World, room: RoomId): LogEdit {
  const { random, server } = world;
  const log = server.disk.logs.get(room) ?? [];
  const others = [...server.disk.logs].filter(([id]) => id !== room).flatMap(([, entries]) => entries);
  const members = server.disk.rooms.get(room)?.members ?? [];
  const member = random.pick(members);
  const old = random.pick(log);
  const foreign = random.pick(others) ?? old;
  const at = random.below(1_000);
  const inserting = (name: string, item: Item | null): LogEdit => ({
    name,
    width: 0,
    make: () => (item === null ? [] : [item]),
    renumbers: true,
  });
  const replacing = (name: string, make: LogEdit['make'], width = 1, renumbers = true): LogEdit => ({
    name,
    width,
    make,
    renumbers,
  });
  const invented = (name: string, user: string, signed: boolean) =>
    inserting(name, inventedJoin(world, room, user, signed));

  const edits: readonly LogEdit[] = [
    replacing('drop, with a gap', () => [], 1, false),
    replacing('drop, renumbered', () => []),
    replacing('drop several, renumbered', () => [], 3),
    replacing('reorder, as numbered', (items) => [...items].reverse(), 2, false),
    replacing('reorder, renumbered', (items) => [...items].reverse(), 2),
    replacing('twice', (items) => [...items, ...items]),
    inserting('replay', old === undefined ? null : itemOf(old)),
    inserting('replay of a message', itemOfType(log, 'message', at)),
    inserting('replay of a join', itemOfType(log, 'join', at)),
    inserting('replay of a leave', itemOfType(log, 'leave', at)),
    inserting('replay of an invitation', itemOfType(log, 'invite', at)),
    inserting('replay of a removal', itemOfType(log, 'remove', at)),
    inserting('replay of an epoch', itemOfType(log, 'epoch', at)),
    inserting('replay of a renewal', itemOfType(log, 'renew-key', at)),
    inserting('replay from another room', foreign === undefined ? null : itemOf(foreign)),
    replacing(
      'altered payload',
      onEntry((entry) => ({ ...entry, payload: alteredBytes(entry.payload, at) })),
    ),
    replacing(
      'altered signature',
      onEntry((entry) => ({ ...entry, signature: alteredBytes(entry.signature, at % 40) })),
    ),
    replacing(
      'another author',
      onEntry((entry) => ({ ...entry, by: member?.fingerprint ?? altered(entry.by, at) })),
    ),
    replacing(
      'another type',
      onEntry((entry) => ({ ...entry, type: entry.type === 'leave' ? 'join' : 'leave' })),
    ),
    replacing('a stub instead', (items) =>
      items.map((item) => ('entry' in item ? { hash: entryHash(item.entry) } : item)),
    ),
    replacing('a stub of nothing', (items) => items.map(() => ({ hash: altered('0'.repeat(64), at) }))),
    inserting('a forged leave', forged(world, room, 'leave')),
    inserting('a forged removal', forged(world, room, 'remove')),
    inserting('a forged invitation', forged(world, room, 'invite')),
    inserting('a forged epoch', forged(world, room, 'epoch')),
    inserting('a forged renewal', forgedRenewal(world, room, member?.user ?? '')),
    inserting('a forged revocation', forgedRevocation(world, room)),
    invented('an invented member', 'ghost', true),
    invented('an invented member, badly signed', 'ghost', false),
    invented('a member with another key', member?.user ?? 'p0', true),
    invented('a user with another key', random.pick(world.people)?.user ?? 'p0', true),
  ];
  return random.pick(edits) ?? replacing('nothing', (items) => items);
}

function itemOfType(log: readonly StoredEntry[], type: SignedEntry['type'], at: number): Item | null {
  const entries = log.filter(({ entry }) => entry.type === type);
  const entry = entries[at % Math.max(1, entries.length)];
  return entry === undefined ? null : itemOf(entry);
}
