/** What the message column shows of one room: messages, and what this program says between them. */
import type { MessageView } from '@chat/client';
import type { ReadMessage } from '../../screen/message-text.ts';

/** A message. */
export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: ReadMessage;
}

/** A text of this program. */
export interface NoteItem {
  readonly kind: 'note';
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Safe to print. */
  readonly text: string;
  /** The position of the message before it; 0 if there is none. */
  readonly after: number;
}

/** One block of rows in the message column. */
export type Item = MessageItem | NoteItem;

/** The items of one room, the earliest first. */
export interface RoomLog {
  readonly items: readonly Item[];
  /** True if there are no messages before these on this machine. */
  readonly isWhole: boolean;
  /** The number of notes that there have been. */
  readonly notes: number;
}

/** The log of a room in which nothing has been shown. */
export const emptyLog: RoomLog = { items: [], isWhole: false, notes: 0 };

/** So many items are in memory, and so many stay when there are more: the archive has the others. */
const [maxItems, keptItems] = [12_000, 10_000];

const itemOf = (message: ReadMessage): MessageItem => ({
  kind: 'message',
  id: `#${message.seq}`,
  at: message.at,
  message,
});

/** Returns the position of the latest message; 0 if there is none. */
function latestSeq({ items }: RoomLog): number {
  const latest = items.findLast(({ kind }) => kind === 'message');
  return latest?.kind === 'message' ? latest.message.seq : 0;
}

/** Returns the position of the earliest message; null if there is none. */
export function earliestSeq({ items }: RoomLog): number | null {
  const earliest = items.find(({ kind }) => kind === 'message');
  return earliest?.kind === 'message' ? earliest.message.seq : null;
}

function withItem(log: RoomLog, item: Item): RoomLog {
  const items = [...log.items, item];
  return items.length <= maxItems ? { ...log, items } : { ...log, items: items.slice(-keptItems), isWhole: false };
}

/** Returns the log with a text of this program at its end. */
export function withNote(log: RoomLog, text: string, at: number): RoomLog {
  const notes = log.notes + 1;
  return withItem({ ...log, notes }, { kind: 'note', id: `note ${notes}`, at, text, after: latestSeq(log) });
}

/** Returns the log with a new message at its end. */
export const withMessage = (log: RoomLog, message: ReadMessage): RoomLog => withItem(log, itemOf(message));

/** Returns the log with a message as a later one has changed it; null if the message is not in the log. */
export function withChange(log: RoomLog, changed: MessageView): RoomLog | null {
  const id = `#${changed.seq}`;
  const at = log.items.findLastIndex((item) => item.id === id);
  const before = log.items[at];
  if (before?.kind !== 'message') return null;
  // What a change makes of a message comes without what the message answers.
  const { replyTo, late } = before.message;
  return { ...log, items: log.items.with(at, itemOf({ ...changed, replyTo, late })) };
}

/** Returns the log with a page of messages from before; an empty page says that there are none. */
export function withEarlier(log: RoomLog, page: readonly MessageView[]): RoomLog {
  if (page.length === 0) return { ...log, isWhole: true };
  const first = earliestSeq(log) ?? Number.POSITIVE_INFINITY;
  return { ...log, items: [...page.filter(({ seq }) => seq < first).map(itemOf), ...log.items] };
}

const placeOf = (item: Item): number => (item.kind === 'message' ? item.message.seq : item.after + 0.5);

/**
 * Returns the log with the latest messages in place of those that it had, and the notes between them. Notes from before any message was shown
 * stand where their time is.
 */
export function withLatest(log: RoomLog, latest: readonly MessageView[]): RoomLog {
  const first = latest[0]?.seq ?? 0;
  const notes = log.items.filter((item) => item.kind === 'note');
  const placed = notes.map((note) =>
    note.after > 0 ? note : { ...note, after: latest.findLast(({ at }) => at <= note.at)?.seq ?? first - 1 },
  );
  const between = placed.filter(({ after }) => after >= first - 1);
  const items = [...latest.map(itemOf), ...between].toSorted((a, b) => placeOf(a) - placeOf(b));
  return { ...log, items, isWhole: latest.length === 0 };
}

/** A line before the first unread message. */
export interface Rule {
  readonly text: string;
  /** The position of that message. */
  readonly before: number;
}

/** Returns the log with this line in place of the one that it had. */
export function withRule(log: RoomLog, rule: Rule | null, at: number): RoomLog {
  const rest = log.items.filter(({ id }) => id !== ruleId);
  if (rule === null) return { ...log, items: rest };
  const note: NoteItem = { kind: 'note', id: ruleId, at, text: rule.text, after: rule.before - 1 };
  const place = rest.findIndex((item) => item.kind === 'message' && item.message.seq >= rule.before);
  return { ...log, items: rest.toSpliced(place < 0 ? rest.length : place, 0, note) };
}

const ruleId = 'rule';
