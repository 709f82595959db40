/**
 * Reads a part of a log for users who may not read its messages: stubs in place of the messages, and the other entries. The payloads of
 * the messages are not read, because the log hash confirms the hashes.
 */
import { emptyLogHash, fromHex, type LoggedStubs, logHashesOfStubs, type RoomId, toHex } from '@chat/protocol';
import type { LogPlace, RoomStore } from '../../ports/room-store.ts';
import type { CheckedEntry } from './log-check.ts';

/** What stands for some positions of such a part. */
export type HiddenItem = CheckedEntry | LoggedStubs;

/** The positions of a part: those after `after`, up to and including `last`. */
export interface Range {
  readonly after: number;
  readonly last: number;
}

const hashBytes = 32;

/** Returns the stubs of these messages; null when the stored hashes do not lead from one log hash to the other. */
function stubsOf(before: string, messages: readonly LogPlace[]): LoggedStubs | null {
  const [first, end] = [messages[0], messages.at(-1)];
  if (first === undefined || end === undefined) return null;
  const hashes = new Uint8Array(messages.length * hashBytes);
  try {
    for (const [index, { hash }] of messages.entries()) hashes.set(fromHex(hash), index * hashBytes);
    const stubs = { seq: first.seq, hashes };
    const isWhole = hashes.length === hashBytes * (end.seq - first.seq + 1);
    return isWhole && toHex(logHashesOfStubs(before, stubs).subarray(-hashBytes)) === end.logHash ? stubs : null;
  } catch {
    // A damaged hash need not have 32 bytes.
    return null;
  }
}

/** Splits places where their type changes between messages and others, or a position is missing. */
function runsOf(places: readonly LogPlace[]): LogPlace[][] {
  const runs: LogPlace[][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const goesOn = last?.seq === place.seq - 1 && (last.type === 'message') === (place.type === 'message');
    if (run !== undefined && goesOn) run.push(place);
    else runs.push([place]);
  }
  return runs;
}

/**
 * Reads a part of a log. A damaged or missing entry is a gap, as in `readCheckedPage`.
 *
 * @param readPage reads whole entries, with all checks: at least one
 */
export async function readHiddenRange(
  roomId: RoomId,
  { after, last }: Range,
  {
    store,
    readPage,
  }: {
    readonly store: Pick<RoomStore, 'places'>;
    readPage(after: number, last: number): Promise<readonly CheckedEntry[]>;
  },
): Promise<readonly HiddenItem[]> {
  // With the position before the first one, whose log hash leads to the first.
  const places = await store.places(roomId, after - 1, last - after + 1);
  const logHashes = new Map(places.map(({ seq, logHash }) => [seq, logHash]));
  const items: HiddenItem[] = [];
  let read = after;
  const readUpTo = async (end: number) => {
    while (read < end) {
      const page = await readPage(read, end);
      items.push(...page);
      read = page.at(-1)?.seq ?? end;
    }
  };
  for (const run of runsOf(places.filter(({ seq }) => seq > after && seq <= last))) {
    const [first, end] = [run[0]?.seq ?? 0, run.at(-1)?.seq ?? 0];
    const before = first === 1 ? emptyLogHash(roomId) : logHashes.get(first - 1);
    const stubs = run[0]?.type === 'message' && before !== undefined ? stubsOf(before, run) : null;
    if (stubs === null) continue;
    await readUpTo(first - 1);
    items.push(stubs);
    read = end;
  }
  await readUpTo(last);
  return items;
}
