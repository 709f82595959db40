/** Looks up and changes how long the messages of one room are kept, in a running server and without one. */
import { ProtocolError, type RoomId } from '@chat/protocol';
import type { RetentionBounds, Store, Swept } from '@chat/server-core';
import type { AdminRequest, AdminResult } from './admin-operation.ts';

/** The parts that change the bounds of rooms. */
export interface RetentionParts {
  readonly store: Pick<Store, 'findRoom' | 'messagesOf'>;
  /** Replaces the bounds of a room and deletes what is beyond them. */
  readonly set: (roomId: RoomId, bounds: RetentionBounds) => Promise<Swept | null>;
  /** The bounds of the server; null while none runs. */
  readonly defaults: RetentionBounds | null;
}

/**
 * Changes the bounds that are given.
 *
 * @throws ProtocolError `unknown-room`
 */
export async function changeRetention(
  { room, change }: AdminRequest<'retention'>,
  { store, set, defaults }: RetentionParts,
): Promise<AdminResult<'retention'>> {
  // No user has the empty name.
  const roomId = (await store.findRoom(room, ''))?.room ?? room;
  const before = await store.messagesOf(roomId);
  if (before === null) {
    throw new ProtocolError('unknown-room', `There is no room ${room}: "chat-server rooms" lists all of them.`);
  }
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const own: RetentionBounds = { ...before.retention, ...given };
  const swept = Object.keys(given).length === 0 ? null : await set(roomId, own);
  const { messages, bytes } = (await store.messagesOf(roomId)) ?? before;
  return { own, defaults, messages, bytes, deleted: swept?.messages ?? 0 };
}
