/** The line between the panes and what the user types: connection, room, key and trust. */
import type { MemberView, RoomView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import { unreadRooms } from '../../attention/concern.ts';
import type { Client } from '../../client-surface.ts';
import { titleOf } from '../../text/room-title.ts';
import { minutes } from '../../text/time.ts';
import { safeName } from '../../text/user-name.ts';

/** What the status line is about. */
export interface Status {
  readonly client: Pick<Client, 'online' | 'refusal'>;
  /** The current room; null when there is none. */
  readonly view: RoomView | null;
  readonly rooms: readonly RoomView[];
  /** When the room got its key, in milliseconds since 1970; null if that was before this program started. */
  readonly keyedAt: number | null;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** True if there are messages below those that the user sees. */
  readonly isScrolled: boolean;
}

function connectionText({ online, refusal }: Status['client']): string {
  if (refusal !== null) return 'REFUSED';
  return online ? 'online' : 'OFFLINE';
}

function keyText({ epoch, hasKey, rekeying }: RoomView, keyedAt: number | null, now: number): string {
  if (!hasKey) return 'waiting for the key';
  const age = keyedAt === null ? '' : `, ${minutes(now - keyedAt)}`;
  return `epoch ${epoch}${age}${rekeying ? ', changing the key' : ''}`;
}

function hubText(members: readonly MemberView[]): readonly string[] {
  const hub = members.find((member) => member.hub);
  return hub === undefined ? [] : [`hub ${hub.me ? 'you' : safeName(hub.user)}`];
}

function trustText({ members, peer }: RoomView): readonly string[] {
  const others = members.filter(({ me }) => !me);
  const verified = others.filter((member) => member.verified).length;
  if (others.length === 0) return [];
  if (peer !== null) return [verified > 0 ? 'verified' : 'not verified'];
  return [`${verified} of ${others.length} verified`];
}

function unreadText(rooms: readonly RoomView[], current: RoomName | null): readonly string[] {
  const others = unreadRooms(rooms, current);
  const sum = others.reduce((count, { unread }) => count + unread.count, 0);
  return sum === 0 ? [] : [`${sum} unread in ${others.length === 1 ? '1 room' : `${others.length} rooms`}`];
}

/** Returns the texts of the status line, the most important first. */
export function statusTexts({ client, view, rooms, keyedAt, now, isScrolled }: Status): readonly string[] {
  const unread = unreadText(rooms, view?.roomName ?? null);
  const first = [connectionText(client), view === null ? 'no room' : titleOf(view)];
  const scrolled = isScrolled ? ['MORE BELOW'] : [];
  if (view === null) return [...first, ...scrolled, ...unread];
  const unsent = view.unsent === 0 ? [] : [`${view.unsent} not sent yet`];
  const { members } = view;
  const room = [keyText(view, keyedAt, now), ...hubText(members), ...trustText(view)];
  return [...first, ...scrolled, ...unsent, ...unread, ...room];
}
