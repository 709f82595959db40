/** The streams of the rooms, and what is kept of each: changes of what is stored of them. */
import type { KeptMessage } from '../message.ts';
import { maxLimit, type PageOptions } from './store-options.ts';
import type { Retention, StoredMessages, StoredStream } from './stored-messages.ts';

/** What is stored beside the segments. */
export type StoredStreams = Omit<StoredMessages, 'segments'>;

/** Returns the stream of a room, and the state that has it. */
export function withStream(state: StoredStreams, roomId: string): readonly [StoredStreams, StoredStream] {
  const found = state.rooms[roomId];
  if (found !== undefined) return [state, found];
  const { next, rooms } = state;
  const stream = { stream: next };
  return [{ ...state, next: next + 1, rooms: { ...rooms, [roomId]: stream } }, stream];
}

/** Returns the state without the messages of a room. A rule of its own stays. */
export function withoutMessages(state: StoredStreams, roomId: string): StoredStreams {
  const { [roomId]: erased, ...rooms } = state.rooms;
  if (erased === undefined) return state;
  const { keep } = erased;
  const { next } = state;
  return {
    ...state,
    ...(keep === undefined ? { rooms } : { rooms: { ...rooms, [roomId]: { stream: next, keep } }, next: next + 1 }),
    tail: state.tail.filter(({ stream }) => stream !== erased.stream),
  };
}

/** Returns the state without a room. Its messages are erased before. */
export function withoutRoom(state: StoredStreams, roomId: string): StoredStreams {
  const { [roomId]: _, ...rooms } = state.rooms;
  return { ...state, rooms };
}

/** Returns the state with another rule for a room; null takes it away. */
export function withRetention(state: StoredStreams, keep: Retention | null, roomId: string): StoredStreams {
  const [changed, { keep: _, ...stream }] = withStream(state, roomId);
  return { ...changed, rooms: { ...changed.rooms, [roomId]: keep === null ? stream : { ...stream, keep } } };
}

/** Returns the position of the first of the latest `count` messages of a room; null if there are fewer. */
export async function firstOfLatest(
  page: (options: PageOptions) => Promise<readonly KeptMessage[]>,
  count: number,
): Promise<number | null> {
  let first = Number.POSITIVE_INFINITY;
  for (let rest = count; rest > 0; ) {
    const found = await page({ before: first, limit: Math.min(rest, maxLimit) });
    if (found.length === 0) return null;
    first = found[0]?.seq ?? 0;
    rest -= found.length;
  }
  return first;
}
