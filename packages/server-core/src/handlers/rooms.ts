/** Handlers for finding rooms and appending to their logs. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { UserCall } from './chat-call.ts';

/** Returns a page of the rooms that the caller can see. */
export const listRooms = ({ after }: RequestOf<'list-rooms'>, { caller, services }: UserCall) =>
  services.rooms.list(after ?? null, caller.user);

/** Returns the room with the given name. */
export const findRoom = ({ name }: RequestOf<'find-room'>, { caller, services }: UserCall) =>
  services.rooms.find(name, caller.user);

/** Creates a room with its first entry. */
export function createRoom(
  { cid, entry }: RequestOf<'create-room'>,
  { caller, services, host }: UserCall,
): Promise<ResultOf<'create-room'>> {
  services.hosts.countRoom(host);
  return services.rooms.create({ author: caller, cid, entry });
}

/**
 * Computes the cost of a request that has not been validated yet. The server verifies the signature of every entry except
 * messages.
 */
export function appendCost({ entry }: Readonly<Record<string, unknown>>): number {
  const message = typeof entry === 'object' && entry !== null && 'type' in entry && entry.type === 'message';
  return message ? 1 : 5;
}

/** Appends the caller's entry to the log of a room. */
export const append = (
  { room, cid, entry }: RequestOf<'append'>,
  { caller, services, wraps }: UserCall,
): Promise<ResultOf<'append'>> => services.rooms.append(room, { author: caller, cid, entry, wraps });

/** Computes the cost of a request that has not been validated yet: a signature check for each entry, and the look-ups. */
export const restoreCost = ({ entries }: Readonly<Record<string, unknown>>): number =>
  4 + (Array.isArray(entries) ? 2 * entries.length : 0);

/** Appends entries that the caller gives back. */
export const restoreEntries = (
  request: RequestOf<'restore-entries'>,
  { caller, services }: UserCall,
): Promise<ResultOf<'restore-entries'>> => services.rooms.restore(request, caller);
