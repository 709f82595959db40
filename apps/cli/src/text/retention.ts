/** Which messages are kept, in words. */
import type { Retention, RoomView } from '@chat/client';
import type { Client } from '../client-surface.ts';

/** A retention that a user sets; `default` for a room without a rule of its own. */
export type RetentionRule = Retention | 'default';

/** The form of a retention, for help texts. */
export const retentionUsage = 'all|nothing|N days|N messages';

/** Returns the rule that these words name; null for anything else. */
export function retentionFrom(words: readonly string[]): RetentionRule | null {
  const [first = '', unit = '', ...rest] = words;
  if (rest.length > 0) return null;
  if (unit === '') return first === 'all' || first === 'nothing' || first === 'default' ? first : null;
  if (!/^[1-9]\d{0,6}$/.test(first)) return null;
  const count = Number(first);
  if (unit === 'messages' || unit === 'message') return { messages: count };
  return (unit === 'days' || unit === 'day') && count <= 36_500 ? { days: count } : null;
}

/** Returns the rooms that have a rule of their own. A name stands for one room, also if there is another one of this name. */
export async function roomsWithRules(client: Pick<Client, 'rooms' | 'messages'>): Promise<readonly RoomView[]> {
  const byName = new Map(client.rooms().map((room) => [room.roomName, room]));
  const found: RoomView[] = [];
  for (const room of byName.values()) if (await client.messages.hasOwnRetention(room.roomName)) found.push(room);
  return found;
}

/** Returns what is kept, in words. */
export function retentionText(keep: Retention): string {
  if (keep === 'all') return 'all messages';
  if (keep === 'nothing') return 'no messages';
  if ('days' in keep)
    return keep.days === 1 ? 'the messages of the last day' : `the messages of the last ${keep.days} days`;
  return keep.messages === 1 ? 'the latest message' : `the latest ${keep.messages} messages`;
}
