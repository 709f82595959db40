/** Finding rooms, and appending to their logs. */
import type { RequestOf, ResultOf } from '@chat/protocol';
import type { UserCall } from './chat-call.ts';

export const listRooms = ({ after }: RequestOf<'list-rooms'>, { person, services }: UserCall) =>
  services.rooms.list(after ?? null, person.user);

export const findRoom = ({ name }: RequestOf<'find-room'>, { person, services }: UserCall) =>
  services.rooms.find(name, person.user);

export async function createRoom(
  { cid, entry }: RequestOf<'create-room'>,
  { person, services }: UserCall,
): Promise<ResultOf<'create-room'>> {
  const { seq, at } = await services.rooms.create({ author: person, cid, entry, takeWraps: () => [] });
  return { seq, at };
}

/** A message's signature is not checked here, that of everything else is. Asked before the request has been looked at. */
export function appendCost({ entry }: Readonly<Record<string, unknown>>): number {
  const message = typeof entry === 'object' && entry !== null && 'type' in entry && entry.type === 'message';
  return message ? 1 : 5;
}

export async function append(
  { room, cid, entry }: RequestOf<'append'>,
  { person, services, wraps }: UserCall,
): Promise<ResultOf<'append'>> {
  const takeWraps = (number: number) => wraps.take(room, number);
  const { seq, at } = await services.rooms.append(room, { author: person, cid, entry, takeWraps });
  return { seq, at };
}
