/** Which messages concern the user while they are in another room, or away. */
import { type AttentionSettings, mentionsIn, type RoomView } from '@chat/client';
import type { UserName } from '@chat/protocol';
import type { RoomClientEvent, RoomEventKind } from '../client-event.ts';
import type { Client } from '../client-surface.ts';

type ConcernedClient = Pick<Client, 'user' | 'room' | 'attention'>;

/** Events that the user must not overlook, whatever the level of their room. */
const alarmKinds: ReadonlySet<string> = new Set<RoomEventKind>(['violation', 'unreadable', 'gap']);

/** What was said, and what changes it. */
const saidKinds: ReadonlySet<string> = new Set<RoomEventKind>(['message', 'newer', 'edited', 'deleted', 'reacted']);

/** Returns whether messages of a user do not count: the user is muted or blocked. */
const isIgnored = ({ muted, blocked }: AttentionSettings, user: UserName): boolean =>
  muted.includes(user) || blocked.includes(user);

/** Returns whether a message of another user notifies the local user. */
export function notifies(client: ConcernedClient, { event, roomName, mine }: RoomClientEvent): boolean {
  if (mine || (event.kind !== 'message' && event.kind !== 'newer')) return false;
  const view = client.room(roomName);
  if (view === null || view.notify === 'none' || isIgnored(client.attention.settings, event.user)) return false;
  if (view.notify === 'all' || view.peer !== null) return true;
  return event.kind === 'message' && mentionsIn(event.text, (name) => name === client.user).length > 0;
}

/**
 * Returns whether an event is printed while the user is in another room: an alarm always; what happens now if the user has chosen no level for
 * its room or `all`; and with `mentions` what notifies. The backlog waits until the user enters the room.
 */
export function isPrintedElsewhere(client: ConcernedClient, whole: RoomClientEvent): boolean {
  const { event, roomName, live } = whole;
  if (alarmKinds.has(event.kind)) return true;
  if (!live) return false;
  const level = client.room(roomName)?.notify ?? 'all';
  if (level !== 'all') return level === 'mentions' && notifies(client, whole);
  const isOfIgnored = 'user' in event && event.user !== null && isIgnored(client.attention.settings, event.user);
  return !(saidKinds.has(event.kind) && isOfIgnored);
}

/** 0 for what is for the user, 2 for what the user wants to hear nothing of. */
const urgencyOf = ({ notify, unread }: RoomView): number => (notify === 'none' ? 2 : unread.mentions > 0 ? 0 : 1);

/** Returns the rooms with unread messages, the current one left out: those with mentions and direct rooms first, then the latest first. */
export const unreadRooms = (rooms: readonly RoomView[], current: string | null): readonly RoomView[] =>
  rooms
    .filter(({ roomName, unread }) => unread.count > 0 && roomName !== current)
    .sort((a, b) => urgencyOf(a) - urgencyOf(b) || (b.latest?.at ?? 0) - (a.latest?.at ?? 0));
