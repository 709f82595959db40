/** Examples of gaps: what a member reports when the server no longer has some entries of the first example. */
import { entryHash, type LoggedGap, limits, toHex } from '@chat/protocol';
import { countOwnMessage, judgeExpired, type LogItem, type RoomEvent, type RoomState } from '@chat/room';
import { stub } from './breach.ts';
import { type Conversation, places } from './conversation.ts';
import type { Participant, RecordedRoom } from './recorded-room.ts';

/** What the server sends, and what its reader reports. */
export interface GapExample {
  readonly what: string;
  /** The user name of the reader. */
  readonly reader: string;
  /** The server sends the log up to this position, with these gaps in place of the entries at their positions. */
  readonly sent: number;
  readonly gaps: readonly LoggedGap[];
  /** Number of further gaps that follow: damaged messages. The entry hash of each is the SHA-256 of its position in decimal. */
  readonly later: number;
  /** The entry hash of the message in the reader's outbox. */
  readonly outbox: string | null;
  /** Positions of the messages that the reader reports as lost. */
  readonly lost: readonly { readonly first: number; readonly last: number }[];
  /** Position of the entry before which the reader stays. */
  readonly stopsAt: number | null;
  readonly violations: readonly { readonly code: string; readonly seq: number }[];
  /** The reader's position, and the log hash there, once the server reports that it has caught up. */
  readonly head: RoomState['head'];
}

/** What a server does, without what its reader reports of it. */
interface Sent {
  readonly reader?: Participant;
  readonly sent?: number;
  readonly later?: number;
  readonly outbox?: string | null;
}

const laterGap = (seq: number): LoggedGap => ({
  seq,
  hash: toHex(stub(seq).hashes),
  type: 'message',
  cause: 'damaged',
});

/** Returns ascending positions as ranges. */
function rangesOf(positions: readonly number[]): GapExample['lost'] {
  const firsts = positions.filter((seq) => !positions.includes(seq - 1));
  const lasts = positions.filter((seq) => !positions.includes(seq + 1));
  return firsts.map((first, index) => ({ first, last: lasts[index] ?? first }));
}

/** Reads like a client: stays before a gap that stops it, and judges deleted messages at the end of the server's log. */
function readGaps(
  recorded: RecordedRoom,
  what: string,
  gaps: readonly LoggedGap[],
  options: Required<Sent>,
): GapExample {
  const { reader, sent, later, outbox } = options;
  const items: LogItem[] = recorded.log
    .slice(0, sent)
    .map((logged) => gaps.find(({ seq }) => seq === logged.seq) ?? logged);
  for (let seq = sent + 1; seq <= sent + later; seq += 1) items.push(laterGap(seq));
  let state = reader.states.get(0);
  if (state === undefined) throw new Error(`${reader.name} has no state before the first entry.`);
  const events: RoomEvent[] = [];
  for (const item of items) {
    const applied = recorded.apply(reader, state, item);
    const hash = 'cause' in item ? item.hash : null;
    state = hash !== null && hash === outbox ? countOwnMessage(applied.state, hash) : applied.state;
    events.push(...applied.events);
    if (state.head.seq < item.seq) break;
  }
  const missing = events.flatMap((event) => (event.kind === 'gap' ? [event] : []));
  const expired = missing.filter(({ cause }) => cause === 'expired').at(-1)?.seq ?? 0;
  events.push(...judgeExpired(expired, items.length));
  return {
    what,
    reader: reader.name,
    sent,
    gaps,
    later,
    outbox,
    lost: rangesOf(missing.flatMap(({ seq, stops }) => (stops ? [] : [seq]))),
    stopsAt: state.head.seq < items.length ? state.head.seq + 1 : null,
    violations: events.flatMap((event) => (event.kind === 'violation' ? [{ code: event.code, seq: event.seq }] : [])),
    head: state.head,
  };
}

/** Returns the content of `gaps.json`. */
export function makeGaps({ recorded, alice, carol }: Conversation): readonly GapExample[] {
  const log = recorded.log;
  const hashAt = (seq: number) => {
    const logged = log[seq - 1];
    if (logged === undefined) throw new Error(`There is no entry at ${seq}.`);
    return entryHash(logged.entry);
  };
  const gap = (seq: number, cause: LoggedGap['cause'] = 'damaged', change: Partial<LoggedGap> = {}): LoggedGap => ({
    seq,
    hash: hashAt(seq),
    type: log[seq - 1]?.entry.type ?? null,
    cause,
    ...change,
  });
  const example = (what: string, gaps: readonly LoggedGap[], sent: Sent = {}) =>
    readGaps(recorded, what, gaps, { reader: alice, sent: log.length, later: 0, outbox: null, ...sent });
  const { three, removal, own, first, second } = places;
  return [
    example('a damaged message', [gap(first)]),
    example('two damaged messages of one author', [gap(first), gap(second)]),
    example('a damaged message of another author than the next', [gap(second)]),
    example('an own message that waits in the outbox', [gap(own)], { outbox: hashAt(own) }),
    example('an own message after one of another author', [gap(second), gap(three)], { outbox: hashAt(three) }),
    example('an own message that does not wait', [gap(three)]),
    example('a message from before the reader joined', [gap(own), gap(first)], { reader: carol, sent: removal - 1 }),
    example('a message with another hash', [gap(first, 'damaged', { hash: hashAt(own) })], { sent: second }),
    example('a damaged decision', [gap(removal - 1)]),
    example('a damaged epoch', [gap(three - 1)]),
    example('a damaged entry whose hash is damaged too', [gap(first, 'damaged', { hash: null, type: null })]),
    example('a decision that the server has deleted', [gap(removal, 'expired')], {
      later: removal + limits.keptEntries - log.length,
    }),
    example('a deleted entry without a type', [gap(first, 'expired', { hash: null, type: null })]),
    example('a deleted message that is among the latest', [gap(first, 'expired')], {
      later: first + limits.keptEntries - 1 - log.length,
    }),
    example('a deleted message that is not', [gap(first, 'expired')], {
      later: first + limits.keptEntries - log.length,
    }),
    example('a damaged message after a deleted one', [gap(first, 'expired'), gap(second)], {
      later: second + limits.keptEntries - 1 - log.length,
    }),
  ];
}
