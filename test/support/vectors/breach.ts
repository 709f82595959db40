/** An example of a breach, and the states from which breaches are composed. */
import { createHash } from 'node:crypto';
import { type LoggedStubs, type SignedEntry, sha256Hex, utf8 } from '@chat/protocol';
import { composeMessage, type RoomState, UserMap } from '@chat/room';
import { resigned } from './forge.ts';
import type { Participant, RecordedRoom } from './recorded-room.ts';

/** What the server sends to a member. */
export type Item = { readonly seq: number; readonly entry: SignedEntry } | LoggedStubs;

/** An item that the server sends after the entry at position `after`, and the violation that a member must report. */
export interface Breach {
  readonly what: string;
  readonly after: number;
  /** Number of stubs in between. The entry hash of a stub is the SHA-256 of its position in decimal. */
  readonly stubs?: number;
  /** Number of further members that the room has then. Nothing else names them. */
  readonly others?: number;
  readonly violation: string;
  readonly item: Item;
}

/** Returns a stub for a position. */
export const stub = (seq: number): LoggedStubs => ({
  seq,
  hashes: new Uint8Array(
    createHash('sha256')
      .update(utf8(String(seq)))
      .digest(),
  ),
});

/** Returns a room with so many further members. */
export function withOthers(state: RoomState, count: number): RoomState {
  const others = Array.from({ length: count }, (_, index) => {
    const [user, fingerprint] = [`other-${index}`, sha256Hex(utf8(`other ${index}`))];
    return [
      fingerprint,
      { user, fingerprint, key: '', joinedAt: 1, readsFrom: 1, role: 'member', roleSeq: 1 } as const,
    ] as const;
  });
  return { ...state, members: UserMap.of(Object.fromEntries([...state.members, ...others])) };
}

/** A hash that belongs to no key, room or log. */
export const unknownHash = 'd'.repeat(64);

/** The participants of a room in their states at earlier positions of its log. */
export class PastRoom {
  readonly recorded: RecordedRoom;

  constructor(recorded: RecordedRoom) {
    this.recorded = recorded;
  }

  state(person: Participant, after: number): RoomState {
    const state = person.states.get(after);
    if (state === undefined) throw new Error(`${person.name} has no state at ${after}.`);
    return state;
  }

  /** Returns the entry at a position of the log. */
  at(seq: number): SignedEntry {
    const entry = this.recorded.log[seq - 1]?.entry;
    if (entry === undefined) throw new Error(`There is no entry at ${seq}.`);
    return entry;
  }

  message(person: Participant, after: number, change: Partial<RoomState> = {}): SignedEntry {
    const state = { ...this.state(person, after), ...change };
    return composeMessage(this.recorded.author(person), state, 'Out of order.');
  }

  /** Returns the entry with some fields of its payload changed, signed by `person`. */
  resigned(person: Participant, entry: SignedEntry, change: object): SignedEntry {
    return resigned(person.signer, this.recorded.roomId, entry, change);
  }

  breach(violation: string, after: number, what: string, entry: SignedEntry): Breach {
    return { what, after, violation, item: { seq: after + 1, entry } };
  }

  /** Returns the breach in a room with so many further members. */
  crowded(others: number, { item, ...breach }: Breach): Breach {
    return { ...breach, others, item };
  }

  /** Returns the breach with stubs before it. */
  late(stubs: number, breach: Breach): Breach {
    return { ...breach, stubs, item: { ...breach.item, seq: breach.item.seq + stubs } };
  }
}
