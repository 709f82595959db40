/** Implements the part of `RoomStore` about knocks in memory. */
import type { RoomId, UserName } from '@chat/protocol';
import type { KnockBounds, RoomStore } from '../../ports/room-store.ts';
import type { KeptKnock, MemoryDisk } from './memory-disk.ts';

const isWaiting = ({ at, dismissedAt }: KeptKnock, { now, ageMs }: KnockBounds): boolean =>
  dismissedAt === null && at > now - ageMs;
const isDismissed = ({ dismissedAt }: KeptKnock, { now, dismissalMs }: KnockBounds): boolean =>
  dismissedAt !== null && dismissedAt > now - dismissalMs;

/** Returns the operations on knocks over the data of `disk`. */
export function memoryKnocks(disk: MemoryDisk): Pick<RoomStore, 'putKnock' | 'knocksAt' | 'dismissKnock' | 'knocksOf'> {
  const at = (roomId: RoomId): Map<UserName, KeptKnock> => disk.knocks.get(roomId) ?? new Map();
  /** Returns the user's knocks that wait or were dismissed lately, the latest first. */
  const of = (user: UserName, bounds: KnockBounds) =>
    [...disk.knocks]
      .flatMap(([roomId, knocks]) => [...knocks].flatMap(([by, kept]) => (by === user ? [{ roomId, kept }] : [])))
      .filter(({ kept }) => isWaiting(kept, bounds) || isDismissed(kept, bounds))
      .sort((a, b) => b.kept.at - a.kept.at);

  return {
    async putKnock(roomId, user, knock, bounds) {
      const knocks = at(roomId);
      const before = knocks.get(user);
      if (before !== undefined && isDismissed(before, bounds)) return false;
      // Deleted first, so that the map's order is that of the latest arrival.
      knocks.delete(user);
      knocks.set(user, { knock, at: bounds.now, dismissedAt: null });
      disk.knocks.set(roomId, knocks);
      const waiting = [...knocks].filter(([, kept]) => isWaiting(kept, bounds)).sort(([, a], [, b]) => a.at - b.at);
      for (const [oldest] of waiting.slice(0, -bounds.perRoom)) knocks.delete(oldest);
      for (const { roomId: other, kept } of of(user, bounds).slice(bounds.perUser)) {
        if (kept.dismissedAt === null) at(other).delete(user);
      }
      return true;
    },

    knocksAt: async (roomId, bounds) =>
      [...at(roomId).values()]
        .filter((kept) => isWaiting(kept, bounds))
        .sort((a, b) => a.at - b.at)
        .map(({ knock }) => knock),

    async dismissKnock(roomId, user, bounds) {
      const kept = at(roomId).get(user);
      if (kept === undefined || !isWaiting(kept, bounds)) return false;
      at(roomId).set(user, { ...kept, dismissedAt: bounds.now });
      return true;
    },

    knocksOf: async (user, bounds) =>
      of(user, bounds)
        .slice(0, bounds.perUser)
        .map(({ roomId }) => roomId),
  };
}
