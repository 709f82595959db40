/** Rooms and members as lists for people. */
import type { MemberView } from '@chat/client';
import type { RoomSummary } from '@chat/protocol';
import { shortened } from './fingerprint.ts';
import { sanitiseLine } from './sanitise.ts';

const column = (text: string, width: number): string => text.padEnd(width);

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** One line for each room: `*` is where the person is, `+` one they have joined. */
export function roomList(rooms: readonly RoomSummary[], current: string | null): string {
  if (rooms.length === 0) return 'There are no rooms yet.';
  const names = rooms.map(({ name }) => sanitiseLine(name, 60));
  const width = widest(names);
  return rooms
    .map(({ name, members, joined }, at) => {
      const mark = name === current ? '*' : joined ? '+' : ' ';
      const state = name === current ? ', you are here' : joined ? ', joined' : '';
      return `${mark} ${column(names[at] ?? '', width)}  ${members} ${members === 1 ? 'member' : 'members'}${state}`;
    })
    .join('\n');
}

/** One line for each member: name, whether online, their role, whose turn it is to make keys, and the start of the fingerprint. */
export function memberList(members: readonly MemberView[]): string {
  const names = members.map(({ user }) => sanitiseLine(user, 40));
  const width = widest(names);
  return members
    .map(({ fingerprint, role, online, hub, me }, at) => {
      const remarks = [
        ...(me ? ['you'] : []),
        ...(role === 'member' ? [] : [role]),
        ...(hub ? ['hub: makes the next key'] : []),
      ].join(', ');
      const state = column(online ? 'online' : 'offline', 7);
      return `${column(names[at] ?? '', width)}  ${state}  ${shortened(fingerprint)}  ${remarks}`.trimEnd();
    })
    .join('\n');
}
