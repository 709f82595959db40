/** What an example of a breach consists of, and what is tried from. */

import { createHash } from 'node:crypto';
import { type LoggedStub, type SignedEntry, toHex, utf8 } from '@chat/protocol';
import { composeMessage, type RoomState } from '@chat/room';
import { resigned } from './forge.ts';
import type { Person, Table } from './table.ts';

/** What a member is given in place of an entry. */
export type Item = { readonly seq: number; readonly entry: SignedEntry } | LoggedStub;

/** What is read after the entry at position `after`, and what it must be told as. */
export interface Breach {
  readonly what: string;
  readonly after: number;
  /** So many stubs come between: of the entry hash that is the SHA-256 of their position in decimal. */
  readonly stubs?: number;
  readonly violation: string;
  readonly item: Item;
}

export const stub = (seq: number): LoggedStub => ({
  seq,
  hash: toHex(
    createHash('sha256')
      .update(utf8(String(seq)))
      .digest(),
  ),
});

/** What is no key's, no room's and no log's. */
export const nobody = 'd'.repeat(64);

/** The people of one room, as they were at a position of its log. */
export class Scene {
  readonly table: Table;

  constructor(table: Table) {
    this.table = table;
  }

  state(person: Person, after: number): RoomState {
    const state = person.past.get(after);
    if (state === undefined) throw new Error(`${person.name} is not there at ${after}.`);
    return state;
  }

  /** The entry at a position of the log. */
  at(seq: number): SignedEntry {
    const entry = this.table.log[seq - 1]?.entry;
    if (entry === undefined) throw new Error(`There is nothing at ${seq}.`);
    return entry;
  }

  message(person: Person, after: number, change: Partial<RoomState> = {}): SignedEntry {
    const state = { ...this.state(person, after), ...change };
    return composeMessage(this.table.author(person), state, 'Out of order.');
  }

  /** The same with some fields of its payload changed, signed anew by `person`. */
  resigned(person: Person, entry: SignedEntry, change: object): SignedEntry {
    return resigned(person.signer, this.table.room, entry, change);
  }

  breach(violation: string, after: number, what: string, entry: SignedEntry): Breach {
    return { what, after, violation, item: { seq: after + 1, entry } };
  }

  /** The same after so many stubs. */
  late(stubs: number, breach: Breach): Breach {
    return { ...breach, stubs, item: { ...breach.item, seq: breach.item.seq + stubs } };
  }
}
