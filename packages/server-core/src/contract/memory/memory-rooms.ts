/** Implements `RoomStore` in memory, in the simplest way that passes the contract. */
import type { Identity, RoomName, UserName } from '@chat/protocol';
import { advance } from '../../domain/room-state.ts';
import {
  type Appending,
  type DeletedMessage,
  type Invited,
  type Room,
  type RoomStore,
  StoreConflict,
  type StoredEntry,
} from '../../ports/room-store.ts';
import { deleteBlobs } from './memory-blobs.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { memoryKnocks } from './memory-knocks.ts';
import { keepSheets } from './memory-wraps.ts';

const requestKey = (author: UserName, cid: string): string => `${author} ${cid}`;

/** The changes after which a user need not be invited, or cannot be. */
const answersKnock: ReadonlySet<string> = new Set(['invite', 'join', 'remove', 'revoke']);

const isIn = (users: readonly Identity[], user: UserName): boolean => users.some((each) => each.user === user);

/** Returns the invitations that count. */
const waiting = ({ policy, invited }: Room, invitedAfter = Number.NEGATIVE_INFINITY): readonly Invited[] =>
  invited.filter(({ at }) => policy.join === 'direct' || at > invitedAfter);

/** Returns a room store over the data of `disk`. */
export function memoryRooms(disk: MemoryDisk): RoomStore {
  /** Returns the open rooms after a name, in order. */
  const openRooms = (after: RoomName | null): (Room & { name: RoomName })[] =>
    [...disk.names]
      .filter(([name]) => after === null || name > after)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, room]) => {
        const state = disk.rooms.get(room);
        return state === undefined ? [] : [{ ...state, name }];
      });

  return {
    async append(entry) {
      const { room, seq, at, hash, logHash, author, cid, change } = entry;
      const before = disk.rooms.get(room) ?? null;
      refuseConflict(disk, entry, before);

      const after = advance(before, entry);
      disk.rooms.set(room, after);
      if (author !== null) disk.appended.set(requestKey(author, cid), { room, seq, at });
      const log = disk.logs.get(room) ?? [];
      log.push({ seq, at, hash, logHash, entry: { ...entry.entry } });
      disk.logs.set(room, log);
      disk.logHashes.set(room, [...(disk.logHashes.get(room) ?? []), logHash]);

      if (after.name !== null) disk.names.set(after.name, room);
      else if (before?.name != null) disk.names.delete(before.name);
      if (change?.kind === 'epoch') {
        disk.epochs.set(room, [...(disk.epochs.get(room) ?? []), change.epoch]);
      }
      keepSheets(disk, entry);
      if (after.name === null) {
        disk.knocks.delete(room);
        deleteBlobs(disk, (blob) => blob.room === room);
      } else if (change !== null && answersKnock.has(change.kind) && 'user' in change) {
        disk.knocks.get(room)?.delete(change.user);
      }
    },

    findAppended: async (author, cid) => disk.appended.get(requestKey(author, cid)) ?? null,

    load: async (roomId) => disk.rooms.get(roomId) ?? null,

    wasDeleted: async (roomId) => disk.deletedRooms.has(roomId),

    async logHashes(roomId, after, limit = Number.POSITIVE_INFINITY) {
      const from = Math.max(0, after);
      return disk.logHashes.get(roomId)?.slice(from, from + limit) ?? [];
    },

    async places(roomId, after, limit) {
      const later = (disk.logs.get(roomId) ?? []).filter(({ seq }) => seq > after).slice(0, limit);
      return later.map(({ seq, entry: { type }, hash, logHash }) => ({ seq, type, hash, logHash }));
    },

    async findRoom(name, user) {
      const found = disk.rooms.get(disk.names.get(name) ?? '');
      if (found === undefined) return null;
      const { room, policy, createdAt, head, members, invited, removed, revoked } = found;
      return {
        ...{ room, name, policy, createdAt, head, members: members.length, joined: isIn(members, user) },
        invitedAt: invited.find((each) => each.user === user)?.seq ?? null,
        invitedSince: invited.find((each) => each.user === user)?.at ?? null,
        isRemoved: isIn(removed, user) || isIn(revoked, user),
      };
    },

    async list(user, { after = null, limit, invitedAfter }) {
      const known = openRooms(after).filter(
        (each) => each.policy.join === 'open' || isIn(each.members, user) || isIn(waiting(each, invitedAfter), user),
      );
      return known.slice(0, limit).map(({ room, name, members, policy, createdAt }) => {
        return { room, name, members: members.length, joined: isIn(members, user), policy, createdAt };
      });
    },

    roomsOf: async (user) => openRooms(null).flatMap(({ room, members }) => (isIn(members, user) ? [room] : [])),

    async invitationsOf(user, { after = null, limit, invitedAfter }) {
      const found = openRooms(after).flatMap((each) =>
        waiting(each, invitedAfter)
          .filter((invitation) => invitation.user === user)
          .map(({ by, at }) => ({ room: each.room, name: each.name, by, policy: each.policy, at })),
      );
      return found.slice(0, limit);
    },

    async read(roomId, after, limit, maxBytes) {
      const page: (StoredEntry | DeletedMessage)[] = [];
      let bytes = 0;
      const later = (disk.logs.get(roomId) ?? []).filter(({ seq }) => seq > after).slice(0, limit);
      for (const entry of later) {
        bytes += entry.entry.payload.length;
        if (page.length > 0 && bytes > maxBytes) break;
        const { seq, hash, logHash } = entry;
        const deletedAt = disk.deleted.get(roomId)?.get(seq);
        page.push(deletedAt === undefined ? entry : { seq, hash, logHash, deletedAt });
      }
      return page;
    },

    async repair(roomId, entry) {
      const log = (disk.logs.get(roomId) ?? []).filter(({ seq }) => seq !== entry.seq);
      disk.logs.set(
        roomId,
        [...log, { ...entry, entry: { ...entry.entry } }].sort((a, b) => a.seq - b.seq),
      );
      const hashes = [...(disk.logHashes.get(roomId) ?? [])];
      hashes[entry.seq - 1] = entry.logHash;
      disk.logHashes.set(roomId, hashes);
    },

    ...memoryKnocks(disk),
  };
}

function refuseConflict(disk: MemoryDisk, { room, seq, author, cid, change }: Appending, before: Room | null): void {
  if (author !== null && disk.appended.has(requestKey(author, cid))) {
    throw new StoreConflict('duplicate', `Request ${cid} of ${author} was appended before.`);
  }
  const head = before?.head ?? 0;
  if (seq !== head + 1 || (change?.kind === 'create') !== (seq === 1)) {
    throw new StoreConflict('sequence', `Room ${room} is at ${head}: position ${seq} does not follow.`);
  }
  if (change?.kind === 'create' && disk.names.has(change.name)) {
    throw new StoreConflict('room-name-taken', `Another room is called ${change.name}.`);
  }
}
