/** Gives entries back whose copies at the server are damaged, from the archive. */
import type { RoomId } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { KeptEntry } from '../entry-archive.ts';
import { reactionTo } from '../error-policy.ts';
import { explain } from '../errors.ts';
import { hashAt } from './kept-entries.ts';

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
