/** The panes beside the messages: rooms with what is unread, and members with how far they are trusted. */
import type { MemberView, RoomView, UnreadView } from '@chat/client';
import { rankOf } from '../../screen/lists.ts';
import type { Palette } from '../../screen/palette.ts';
import { unreadCount } from '../../text/attention-text.ts';
import { titleOf } from '../../text/room-title.ts';
import { safeName } from '../../text/user-name.ts';

/** Returns how many messages are unread, with `@` if one of them is for the user. */
const countText = (unread: UnreadView): string =>
  unread.count === 0 ? '' : `${unread.mentions > 0 ? '@' : ''}${unreadCount(unread)}`;

/** What the rooms pane shows. */
export interface RoomsPane {
  readonly rooms: readonly RoomView[];
  readonly current: string | null;
  readonly palette: Palette;
}

function roomRow({ current, palette }: RoomsPane, view: RoomView, width: number): string {
  const { unread } = view;
  // What stands in the current room is seen.
  const count = view.roomName === current ? '' : countText(unread);
  const place = width - 2 - (count === '' ? 0 : count.length + 1);
  const title = titleOf(view).slice(0, Math.max(0, place));
  const row = `${view.roomName === current ? '>' : ' '} ${title.padEnd(place)}`;
  if (view.roomName === current) return palette.strong(row);
  if (count === '' || view.notify === 'none') return `${row} ${count}`;
  return unread.mentions > 0 ? palette.alarm(`${row} ${count}`) : palette.strong(`${row} ${count}`);
}

/** Returns the rows of the rooms pane. If there are more rooms than rows, the current one is among those that are shown. */
export function roomRows(pane: RoomsPane, width: number, height: number): readonly string[] {
  const at = pane.rooms.findIndex(({ roomName }) => roomName === pane.current);
  const first = Math.max(0, Math.min(at - Math.floor(height / 2), pane.rooms.length - height));
  return pane.rooms.slice(first, first + height).map((view) => roomRow(pane, view, width));
}

/** Returns the sign of how far the user can trust a member's identity key. */
function trustSign({ me, verified, user }: MemberView, changed: readonly string[]): string {
  if (me) return ' ';
  if (changed.includes(user)) return '!';
  return verified ? '\u2713' : '?';
}

/** What the members pane shows. */
export interface MembersPane {
  readonly view: RoomView | null;
  /** The members whose identity key has changed and is not trusted yet. */
  readonly changed: readonly string[];
  readonly palette: Palette;
}

function memberRow({ changed, palette }: MembersPane, member: MemberView, width: number): string {
  const sign = trustSign(member, changed);
  const name = safeName(member.user);
  const tasks = [...(member.role === 'member' ? [] : [member.role]), ...(member.hub ? ['hub'] : [])].join(' ');
  const text = `${member.online || member.me ? '*' : ' '}${sign} ${name}`;
  const space = width - text.length - 1;
  const task = tasks === '' || tasks.length > space ? '' : ` ${palette.quiet(tasks)}`;
  if (sign === '!') return palette.alarm(text);
  return `${member.online || member.me ? text : palette.quiet(text)}${task}`;
}

/** Returns the rows of the members pane: those with a role or a task first, then the connected ones. */
export function memberRows(pane: MembersPane, width: number, height: number): readonly string[] {
  const { view, palette } = pane;
  if (view === null || height === 0) return [];
  const head = palette.strong(`${view.members.length} ${view.members.length === 1 ? 'member' : 'members'}`);
  const sorted = view.members.toSorted((a, b) => rankOf(a) - rankOf(b));
  const place = sorted.length <= height - 1 ? height - 1 : Math.max(0, height - 2);
  const more = sorted.length - place;
  const rows = sorted.slice(0, place).map((member) => memberRow(pane, member, width));
  return [head, ...rows, ...(more > 0 ? [palette.quiet(`${more} more: /members`)] : [])];
}
