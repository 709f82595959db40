/** Rooms and people as lists. */
import type { InvitationView, KnockView, MemberView, RoomView } from '@chat/client';
import type { RoomSummary } from '@chat/protocol';
import { policyMeaning } from '../room-policy.ts';
import { grouped, shortened } from './fingerprint.ts';
import { personName } from './people.ts';
import { sanitiseLine } from './sanitise.ts';

const column = (text: string, width: number): string => text.padEnd(width);

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** One line for each room, without those conversations of two that are only offered (see `invitationList`): `*` is where the person is, `+` one they have joined. `titleOf` says what a room is called. */
export function roomList(
  rooms: readonly RoomSummary[],
  current: string | null,
  titleOf: (name: string) => string,
): string {
  const shown = rooms.filter(({ joined, policy }) => joined || policy.join !== 'direct');
  if (shown.length === 0) return 'There are no rooms yet.';
  const titles = shown.map(({ name }) => titleOf(name));
  const width = widest(titles);
  return shown
    .map(({ name, members, joined, policy }, at) => {
      const mark = name === current ? '*' : joined ? '+' : ' ';
      const remarks = [
        `${members} ${members === 1 ? 'member' : 'members'}`,
        ...(policy.join === 'open' ? [] : [policy.join === 'direct' ? 'a conversation of two' : 'by invitation']),
        ...(name === current ? ['you are here'] : joined ? ['joined'] : []),
      ];
      return `${mark} ${column(titles[at] ?? '', width)}  ${remarks.join(', ')}`;
    })
    .join('\n');
}

interface Row {
  readonly user: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly remarks: readonly string[];
}

const memberRow = ({ user, fingerprint, role, online, hub, me, verified }: MemberView): Row => ({
  user: personName(user),
  state: online ? 'online' : 'offline',
  fingerprint,
  remarks: [
    ...(me ? ['you'] : []),
    ...(role === 'member' ? [] : [role]),
    ...(verified ? ['verified'] : []),
    ...(hub ? ['hub: makes the next key'] : []),
  ],
});

const invitedRow = ({ user, fingerprint, by, verified }: RoomView['invited'][number]): Row => ({
  user: personName(user),
  state: 'invited',
  fingerprint,
  remarks: [...(by === null ? [] : [`by ${personName(by)}`]), ...(verified ? ['verified'] : [])],
});

/**
 * One line for each member, then for each who is invited: name, whether online, the start of the fingerprint, their role,
 * whether this user has verified them, whose turn it is to make keys.
 */
export function memberList({ members, invited }: Pick<RoomView, 'members' | 'invited'>): string {
  const rows = [...members.map(memberRow), ...invited.map(invitedRow)];
  const width = widest(rows.map(({ user }) => user));
  return rows
    .map(({ user, state, fingerprint, remarks }) =>
      `${column(user, width)}  ${column(state, 7)}  ${shortened(fingerprint)}  ${remarks.join(', ')}`.trimEnd(),
    )
    .join('\n');
}

/** What waits for this user, each with the command that goes there. */
export function invitationList(invitations: readonly InvitationView[]): string {
  if (invitations.length === 0) return 'No invitation waits for you.';
  return invitations
    .map(({ roomName: name, by, policy }) => {
      const who = personName(by);
      const room = sanitiseLine(name, 60);
      return policy.join === 'direct'
        ? `@${who} wants to talk with you alone: /msg ${who}`
        : `${room}, from ${who} (${policyMeaning(policy)}): /join ${room}`;
    })
    .join('\n');
}

/** Who waits to be let in, each with the whole fingerprint, as it is all that is known of them. */
export function knockList(knocks: readonly KnockView[]): string {
  if (knocks.length === 0) return 'Nobody asks to be let in.';
  return knocks.map(({ user, fingerprint }) => `${personName(user)}\n${grouped(fingerprint, '  ')}`).join('\n');
}
