/**
 * What the user has not read of a room. It is counted as messages are read from the log, and not from what is kept of them: so it holds for a
 * room of which nothing is kept, too.
 */
import type { UserName } from '@chat/protocol';
import { isSpoken, type RoomEvent } from '@chat/room';
import { mentionsIn } from '../messages/mentions.ts';
import type { UnreadView } from '../view.ts';

/** Unread messages of one room that are remembered, the latest. They are part of the stored state, and take about 30 kB. */
export const maxUnread = 1_000;

/** A message that the user has not read. */
export interface UnreadMessage {
  /** Position in the room's log. */
  readonly seq: number;
  /** The author. */
  readonly user: UserName;
  /** True if the text mentions the local user. */
  readonly mentions?: true | undefined;
}

/** How far the user has read a room. */
export interface ReadMark {
  /** The messages up to this position are read, but for those of `unread`: the key of a message may come after what follows it was read. */
  readonly upTo: number;
  /** Ordered by position. Own messages and deleted ones are not among them. */
  readonly unread: readonly UnreadMessage[];
  /** True if there were more than are remembered, before these. */
  readonly more?: true | undefined;
}

/** How events were read. */
export interface HowMarked {
  /** The local user. */
  readonly me: UserName;
  /** What is at this position or before it was said before the user could read, and does not count. */
  readonly since: number;
  /** True for messages whose key came late. Default: false */
  readonly late?: boolean | undefined;
}

const isMentioned = (text: string, me: UserName): boolean => mentionsIn(text, (name) => name === me).length > 0;

const unreadMessage = (seq: number, user: UserName, mentions: boolean): UnreadMessage => ({
  seq,
  user,
  ...(mentions && { mentions }),
});

/** Returns the mark after what events have said: new messages, edits that are valid, and deletions. Events that were read before change nothing. */
export function markAfter(mark: ReadMark, events: readonly RoomEvent[], { me, since, late }: HowMarked): ReadMark {
  const unread = new Map(mark.unread.map((message) => [message.seq, message]));
  const isNew = (seq: number) => seq > since && (late === true || seq > mark.upTo);
  let isChanged = false;
  for (const event of events) {
    if (isSpoken(event)) {
      if (event.user === me || !isNew(event.seq)) continue;
      const mentions = event.kind === 'message' && isMentioned(event.text, me);
      unread.set(event.seq, unreadMessage(event.seq, event.user, mentions));
    } else if (event.kind === 'edited' || event.kind === 'deleted' || event.kind === 'hidden') {
      const { seq } = event.target;
      const target = unread.get(seq);
      // A change is later than its message, and of its author, unless the author of the change may hide.
      if (target === undefined || event.seq < seq || (event.kind !== 'hidden' && event.user !== target.user)) continue;
      if (event.kind === 'edited') unread.set(seq, unreadMessage(seq, target.user, isMentioned(event.text, me)));
      else unread.delete(seq);
    } else continue;
    isChanged = true;
  }
  if (!isChanged) return mark;
  const ordered = [...unread.values()].sort((a, b) => a.seq - b.seq);
  const more = mark.more === true || ordered.length > maxUnread;
  return { upTo: mark.upTo, unread: ordered.slice(-maxUnread), ...(more && { more }) };
}

/** Returns the mark of a user who has read up to a position. It never goes back. */
export function readUpTo(mark: ReadMark, seq: number): ReadMark {
  const unread = mark.unread.filter((message) => message.seq > seq);
  const isSame = unread.length === mark.unread.length;
  if (isSame && seq <= mark.upTo) return mark;
  // Those that are not remembered stand before the first one.
  return { upTo: Math.max(mark.upTo, seq), unread, ...(isSame && mark.more && { more: mark.more }) };
}

/** Whose messages count as mentions, or do not count. */
export interface Counting {
  /** True for a direct room, where each message is for the user. */
  readonly isDirect: boolean;
  /** Returns whether the messages of a user do not count. */
  isIgnored(user: UserName): boolean;
}

/** Returns what a screen shows of a mark. */
export function unreadView({ unread, more }: ReadMark, { isDirect, isIgnored }: Counting): UnreadView {
  const counted = unread.filter(({ user }) => !isIgnored(user));
  return {
    count: counted.length,
    mentions: isDirect ? counted.length : counted.filter(({ mentions }) => mentions === true).length,
    first: counted[0]?.seq ?? null,
    ...(more && { more }),
  };
}
