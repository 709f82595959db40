/**
 * Puts the entries that were read into the archive, looks up the log hashes of what was read, and gives entries back whose copies at
 * the server are damaged.
 */
import { emptyLogHash, type RoomId } from '@chat/protocol';
import type { LogItem, RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { EntryArchive, KeptEntry } from '../entry-archive.ts';
import { reactionTo } from '../error-policy.ts';
import { explain } from '../errors.ts';

/** What was read in one step. */
export interface ReadItems {
  /** The state before them. */
  readonly before: RoomState;
  /** The log hashes after the entries that were read, by position. */
  readonly logHashes: ReadonlyMap<number, string>;
  /** What was read, and possibly more. */
  readonly items: readonly LogItem[];
}

/** Returns the log hash that a state has for a position; null for old positions and those that were not read. */
export function hashAt({ room, head, recentHashes }: RoomState, seq: number): string | null {
  if (seq === 0) return emptyLogHash(room);
  return recentHashes.before(head.seq - seq) ?? null;
}

/** Keeps the entries among `items` that were read. A stub cannot be given back, so it leaves a hole. */
export function keepEntries(archive: EntryArchive, { before, logHashes, items }: ReadItems): void {
  const kept: KeptEntry[] = [];
  for (const item of items) {
    if (!('entry' in item)) continue;
    const { seq, at, entry } = item;
    const logHash = logHashes.get(seq);
    if (logHash !== undefined) kept.push({ seq, at, entry, logHash });
  }
  if (kept.length > 0) archive.keep(before.room, kept);
}

/** Positions that are remembered on one connection, so that each is answered once. */
const maxAnswered = 4_096;
/** For a position whose log hash neither side knows any more. */
const unknownHash = '0'.repeat(64);

interface Room {
  readonly roomId: RoomId;
  readonly state: RoomState;
}

/** Answers the server's requests for entries of one room. */
export class WantedEntries {
  readonly #context: ClientContext;
  readonly #room: Room;
  #answered = new Set<number>();
  #work: Promise<void> = Promise.resolve();

  constructor(context: ClientContext, room: Room) {
    this.#context = context;
    this.#room = room;
  }

  /** To be called when the server asks for the entries at these positions. */
  give(positions: readonly number[]): void {
    const wanted = positions.filter((seq) => !this.#answered.has(seq) && seq <= this.#room.state.head.seq);
    if (wanted.length === 0 || this.#answered.size + wanted.length > maxAnswered) return;
    for (const seq of wanted) this.#answered.add(seq);
    this.#work = this.#work.then(() => this.#give(wanted)).catch((error: unknown) => this.#failed(error));
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#answered = new Set();
  }

  async #give(positions: readonly number[]): Promise<void> {
    const { archive, request } = this.#context;
    const { roomId, state } = this.#room;
    let kept: readonly KeptEntry[] = [];
    for (const seq of [...positions].sort((a, b) => a - b)) {
      if (kept[0] === undefined) kept = await archive.read(roomId, seq - 1);
      const found = kept.find((each) => each.seq === seq);
      if (found === undefined) continue;
      const after = { seq: seq - 1, hash: hashAt(state, seq - 1) ?? unknownHash };
      await request('restore-entries', {
        room: roomId,
        after,
        entries: [{ at: found.at, entry: found.entry }],
        done: true,
      });
    }
  }

  #failed(error: unknown): void {
    if (reactionTo('give-back', error) === 'report') this.#context.emit({ kind: 'trouble', ...explain(error) });
  }
}
