/** Reads a room from the store: its state, the log hashes that author views are compared with, and what was published nowhere yet. */
import { codeOf, limits, type RoomId } from '@chat/protocol';
import type { Room } from '../ports/room-store.ts';
import { type CheckedEntry, readCheckedRange } from './damage/log-check.ts';
import { readViewHashes } from './damage/view-hashes.ts';
import { LogView } from './entry-rules/log-view.ts';
import type { RoomLogOptions } from './room-log-options.ts';

/** A room as the store has it. */
export interface LoadedRoom {
  /** Null for an unknown room. */
  readonly state: Room | null;
  readonly view: LogView;
  /** True when the operator has deleted it. */
  readonly isDeleted: boolean;
  /** Entries after the position that the caller has published. */
  readonly missed: readonly CheckedEntry[];
}

/**
 * Reads a room.
 *
 * @param published position up to which entries were published; null when the room was not in memory before
 */
export async function loadRoom(
  roomId: RoomId,
  options: Pick<RoomLogOptions, 'store' | 'damage'>,
  published: number | null,
): Promise<LoadedRoom> {
  const state = await options.store.load(roomId);
  if (state === null) {
    const isDeleted = await options.store.wasDeleted(roomId);
    return { state, view: new LogView(roomId, 0, []), missed: [], isDeleted };
  }
  const { head } = state;
  const count = limits.viewEntries;
  const view = new LogView(roomId, head, await readViewHashes(roomId, head, { ...options, count }));
  const missed = published === null ? [] : await readCheckedRange(roomId, { after: published, last: head }, options);
  return { state, view, missed, isDeleted: false };
}

/** Reads the log hashes that `loadRoom` leaves out, because few messages have a view that old. */
export async function readOlderViews(
  roomId: RoomId,
  options: Pick<RoomLogOptions, 'store' | 'damage'>,
  view: LogView,
): Promise<void> {
  const { before, count } = view.unread;
  view.extend(await readViewHashes(roomId, before, { ...options, count }));
}

const needsUnread = (view: LogView, error: unknown): boolean => codeOf(error) === 'stale-view' && view.unread.count > 0;

/** Admits an entry; returns null for one whose author view is older than the log hashes that were read. */
export function admitAtOnce<T>(view: LogView, admission: () => T): T | null {
  try {
    return admission();
  } catch (error) {
    if (needsUnread(view, error)) return null;
    throw error;
  }
}

/** Admits an entry. If its author view is older than the log hashes that were read, it reads these and tries again. */
export async function admitReading<T>(view: LogView, read: () => Promise<void>, admission: () => T): Promise<T> {
  try {
    return admission();
  } catch (error) {
    if (!needsUnread(view, error)) throw error;
  }
  await read();
  return admission();
}
