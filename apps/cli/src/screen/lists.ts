/** Lists of rooms, members, invitations and knocks. */
import type { InvitationView, KnockView, MemberView, RoomView } from '@chat/client';
import type { RoomSummary } from '@chat/protocol';
import { sanitiseLine } from '@chat/safe-text';
import { unreadCount } from '../text/attention-text.ts';
import { grouped, shortened } from '../text/fingerprint.ts';
import { policyMeaning } from '../text/room-policy.ts';
import { minutes, timeOfDay } from '../text/time.ts';
import { countOf, safeName } from '../text/user-name.ts';

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** What a list shows of a room. */
export type ListedRoom = Pick<RoomSummary, 'name' | 'members' | 'joined'> & {
  /** Null if it is not known yet. */
  readonly policy: RoomSummary['policy'] | null;
  /** Number of messages that wait to be sent. Default: none. */
  readonly unsent?: number;
  /** What the user has not read of it. Default: nothing. */
  readonly unread?: RoomView['unread'];
  /** The latest message that the client has read. Default: none. */
  readonly latest?: RoomView['latest'];
};

/** Returns a listed room with what the client has read of it; as it is if it is not one of the user's rooms. */
export const withRead = <T extends ListedRoom>(room: T, view: RoomView | null): T & ListedRoom =>
  view === null ? room : { ...room, unread: view.unread, latest: view.latest };

function readRemarks({ unread, latest = null }: ListedRoom, now: number): readonly string[] {
  const count = unread === undefined || unread.count === 0 ? [] : [`${unreadCount(unread)} unread`];
  const mentions = unread === undefined || unread.mentions === 0 ? [] : [countOf(unread.mentions, 'mention')];
  const who = latest?.user === undefined ? '' : ` by ${safeName(latest.user)}`;
  return [...count, ...mentions, ...(latest === null ? [] : [`last${who} at ${timeOfDay(latest.at, now)}`])];
}

/** Returns the rooms that are stored, for a list without the server. */
export const storedRooms = (rooms: readonly RoomView[]): readonly (ListedRoom & { readonly room: string })[] =>
  rooms.map(({ roomId: room, roomName: name, members, policy, removed, left, unsent }) => ({
    ...{ room, name, members: members.length, joined: !removed && !left, policy, unsent },
  }));

/** What decides how a list of rooms is shown. */
export interface RoomListOptions {
  /** The name of the current room; null when there is none. */
  readonly currentRoom: string | null;
  /** Returns the title of a room, safe to print. */
  titleOf(roomName: string): string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Returns one line for each room: `*` marks the current room, `+` a joined one. Direct rooms that the user has not joined are
 * left out (see `invitationList`).
 *
 * @returns also how many messages are unread, and who has written last and when
 */
export function roomList(rooms: readonly ListedRoom[], { currentRoom, titleOf, now }: RoomListOptions): string {
  const shown = rooms.filter(({ joined, policy }) => joined || policy?.join !== 'direct');
  if (shown.length === 0) return 'There are no rooms yet.';
  const titles = shown.map(({ name }) => titleOf(name));
  const width = longest(titles);
  return shown
    .map((room, at) => {
      const { name, members, joined, policy, unsent = 0 } = room;
      const join = policy?.join ?? 'open';
      const mark = name === currentRoom ? '*' : joined ? '+' : ' ';
      const remarks = [
        `${members} ${members === 1 ? 'member' : 'members'}`,
        ...(join === 'open' ? [] : [join === 'direct' ? 'a direct room' : 'by invitation']),
        ...(name === currentRoom ? ['you are here'] : joined ? ['joined'] : []),
        ...readRemarks(room, now),
        ...(unsent === 0 ? [] : [`${unsent} not sent yet`]),
      ];
      return `${mark} ${(titles[at] ?? '').padEnd(width)}  ${remarks.join(', ')}`;
    })
    .join('\n');
}

interface Row {
  readonly user: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly remarks: readonly string[];
}

const memberRow = ({ user, fingerprint, role, online, heardAt, hub, me, verified }: MemberView, now: number): Row => ({
  user: safeName(user),
  state: online ? 'online' : 'offline',
  fingerprint,
  remarks: [
    ...(me ? ['you'] : [heardAt === null ? 'not heard yet' : `heard ${heardAgo(now - heardAt)}`]),
    ...(role === 'member' ? [] : [role]),
    ...(verified ? ['verified'] : []),
    ...(hub ? ['hub: makes the next key'] : []),
  ],
});

const invitedRow = ({ user, fingerprint, by, verified }: RoomView['invited'][number]): Row => ({
  user: safeName(user),
  state: 'invited',
  fingerprint,
  remarks: [...(by === null ? [] : [`by ${safeName(by)}`]), ...(verified ? ['verified'] : [])],
});

const heardAgo = (ms: number): string => (ms < 60_000 ? 'now' : `${minutes(ms)} ago`);

type Listed = Pick<RoomView, 'members' | 'connected' | 'invited'>;

/**
 * Returns one line for each member, then one for each invited user: name, presence, the start of the fingerprint, when the
 * member was last heard, role, whether the local user has verified them, and whether they make the next key.
 *
 * @param now milliseconds since 1970
 */
export const memberList = (listed: Listed, now: number): string =>
  [...memberLines(listed, now), ...connectedNote(listed)].join('\n');

/** Members and invited users that a screen shows at once: more than are read, and not so many that what was said before is pushed away. */
const maxShown = 100;

/** Returns who is shown first when there are too many: 0 for the local user and those with a role or a task, 1 for connected members, 2 for others. */
export const rankOf = ({ me, hub, role, online }: MemberView): number =>
  me || hub || role !== 'member' ? 0 : online ? 1 : 2;

/**
 * Returns the same list for a screen: of those whose names contain a text, and of many only some.
 *
 * @param text empty for all
 */
export function memberPage(listed: Listed, now: number, text: string): string {
  const isFound = ({ user }: { readonly user: string }) => user.includes(text.toLowerCase());
  const [members, invited] = [listed.members.filter(isFound), listed.invited.filter(isFound)];
  const count = members.length + invited.length;
  if (count === 0) return `No member or invited user has ${sanitiseLine(text, 40)} in the name.`;
  const shown = {
    members: count <= maxShown ? members : members.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, maxShown),
    invited: invited.slice(0, Math.max(0, maxShown - members.length)),
  };
  const hidden = count - shown.members.length - shown.invited.length;
  const note = `${hidden} more are not shown: /members TEXT lists those with that text in their names, "chat members" lists all.`;
  return [...memberLines(shown, now), ...(hidden === 0 ? [] : [note]), ...connectedNote(listed)].join('\n');
}

function memberLines({ members, invited }: Omit<Listed, 'connected'>, now: number): readonly string[] {
  const rows = [...members.map((member) => memberRow(member, now)), ...invited.map(invitedRow)];
  const width = longest(rows.map(({ user }) => user));
  return rows.map(({ user, state, fingerprint, remarks }) =>
    `${user.padEnd(width)}  ${state.padEnd(7)}  ${shortened(fingerprint)}  ${remarks.join(', ')}`.trimEnd(),
  );
}

function connectedNote({ members, connected }: Listed): readonly string[] {
  const named = members.filter(({ online }) => online).length;
  if (named >= connected) return [];
  return [`${connected} members are connected. The server names ${named} of them: others may be online too.`];
}

/** Returns the invitations of the local user, each with the commands that accept and decline it. */
export function invitationList(invitations: readonly InvitationView[]): string {
  if (invitations.length === 0) return 'You have no invitations.';
  return invitations
    .map(({ roomName, by, policy }) => {
      const who = safeName(by);
      const title = sanitiseLine(roomName, 60);
      return policy.join === 'direct'
        ? `@${who} (a direct room): /msg ${who} or /decline @${who}`
        : `${title}, from ${who} (${policyMeaning(policy)}): /join ${title} or /decline ${title}`;
    })
    .join('\n');
}

/** Returns the users who ask to be invited, each with the whole fingerprint, which is all that is known of them. */
export function knockList(knocks: readonly KnockView[]): string {
  if (knocks.length === 0) return 'No user asks to be invited.';
  return knocks.map(({ user, fingerprint }) => `${safeName(user)}\n${grouped(fingerprint, '  ')}`).join('\n');
}
