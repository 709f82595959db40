/** The table at which the examples' people sit: one log, and the room as each of them has read it. */
import { type LoggedEntry, parsePayload, type SignedEntry, type Wrap } from '@chat/protocol';
import {
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeMessage,
  emptyRoom,
  noteKeySeen,
  type Prekey,
  type RoomState,
  type Signer,
} from '@chat/room';
import type { Name, SignerOf } from './people.ts';
import { type Recording, recordingCrypto } from './recording-crypto.ts';

const policy = { join: 'open', history: 'since-join' } as const;
const minute = 60_000;
const start = 1_800_000_000_000;

/** Somebody at the table: what they hold, and the room as they have read it. */
export interface Person {
  readonly name: Name;
  readonly signer: Signer;
  readonly prekey: Prekey;
  state: RoomState;
  /** The room as they had read it after each position, from the one at which they came. */
  readonly past: Map<number, RoomState>;
}

export class Table {
  readonly recording: Recording = recordingCrypto('conversation');
  readonly people: Person[] = [];
  readonly log: LoggedEntry[] = [];
  readonly wraps = new Map<number, readonly Wrap[]>();
  room = '';
  #now = start;

  /** Somebody who may come to the room later; their prekey is made now. */
  person(name: Name, signerOf: SignerOf): Person {
    const signer = signerOf(name);
    const prekey = this.recording.crypto.newPrekey();
    const nowhere = emptyRoom('0'.repeat(64), signer.fingerprint);
    const person: Person = { name, signer, prekey, state: nowhere, past: new Map() };
    this.people.push(person);
    return person;
  }

  author({ name, signer }: Person): Author {
    return { user: name, signer, crypto: this.recording.crypto, now: this.#now };
  }

  /** Time goes by, in which the keys of the room grow old. */
  wait(ms: number): void {
    for (const person of this.people) person.state = noteKeySeen(person.state, this.#now);
    this.#now += ms;
  }

  create(person: Person): void {
    const { room, entry } = composeCreate(this.author(person), 'lobby', policy, person.prekey);
    this.room = room;
    this.#enter(person);
    this.append(entry);
  }

  join(person: Person): void {
    this.#enter(person);
    this.append(composeJoin(this.author(person), this.room, this.log.length, person.prekey.publicKey));
  }

  say(person: Person, text: string): void {
    this.append(composeMessage(this.author(person), person.state, text));
  }

  rekey(person: Person): void {
    const { entry, wraps, state } = composeEpoch(this.author(person), person.state);
    person.state = state;
    this.wraps.set(parsePayload('epoch', entry.payload)?.number ?? 0, wraps);
    this.append(entry);
  }

  append(entry: SignedEntry): void {
    this.log.push({ seq: this.log.length + 1, at: this.#now + 500, entry });
    this.#now += minute;
    for (const person of this.people) if (person.state.room === this.room) this.#read(person);
  }

  #enter(person: Person): void {
    person.state = emptyRoom(this.room, person.signer.fingerprint, { since: this.log.length });
  }

  /** Reads on to the end of the log, unwrapping what is theirs. Nothing in it may be a breach. */
  #read(person: Person): void {
    const { crypto } = this.recording;
    for (const logged of this.log.slice(person.state.head.seq)) {
      const applied = applyEntry(person.state, logged, crypto);
      person.state = applied.state;
      for (const event of applied.events) {
        if (event.kind === 'violation') throw new Error(`${person.name} finds ${event.code} at ${event.seq}.`);
        if (event.kind === 'epoch' && event.key === 'wanted') this.#unwrap(person, event.number);
      }
      person.past.set(logged.seq, person.state);
    }
  }

  #unwrap(person: Person, number: number): void {
    const wrap = this.wraps.get(number)?.find(({ to }) => to === person.signer.fingerprint);
    if (wrap === undefined) throw new Error(`There is no wrap of epoch ${number} for ${person.name}.`);
    const { state, events } = acceptWrap(person.state, number, wrap.envelope, [person.prekey], this.recording.crypto);
    if (events.length > 0) throw new Error(`${person.name} cannot take the wrap of epoch ${number}.`);
    person.state = state;
  }
}
