/** The table at which the examples' people sit: one log, and the room as each of them has read it. */
import { type LoggedEntry, type Policy, parsePayload, type SignedEntry, toBase64url, type Wrap } from '@chat/protocol';
import {
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeInvite,
  composeJoin,
  composeMessage,
  emptyRoom,
  noteKeySeen,
  type Prekey,
  type RoomState,
  type Signer,
} from '@chat/room';
import { signed } from './forge.ts';
import type { Name, SignerOf } from './people.ts';
import { type Recording, recordingCrypto } from './recording-crypto.ts';

const minute = 60_000;
const start = 1_800_000_000_000;

/** Somebody at the table: what they hold, and the room as they have read it. */
export interface Person {
  readonly name: Name;
  readonly signer: Signer;
  readonly prekey: Prekey;
  state: RoomState;
  /** The room as they had read it after each position; after 0, when they knew nothing of it. */
  readonly past: Map<number, RoomState>;
}

export class Table {
  readonly recording: Recording;
  readonly authority: Signer;
  readonly people: Person[] = [];
  readonly log: LoggedEntry[] = [];
  readonly wraps = new Map<number, readonly Wrap[]>();
  room = '';
  readonly #name: string;
  readonly #policy: Policy;
  readonly #signerOf: SignerOf;
  #now = start;

  constructor(name: string, policy: Policy, signerOf: SignerOf) {
    this.recording = recordingCrypto(name);
    this.authority = signerOf('authority');
    this.#name = name;
    this.#policy = policy;
    this.#signerOf = signerOf;
  }

  /** Somebody who may come to the room later; their prekey is made now. */
  person(name: Name): Person {
    const signer = this.#signerOf(name);
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
    const { roomId: room, entry } = composeCreate(this.author(person), this.#name, this.#policy);
    this.room = room;
    this.#enter(person, 0);
    this.append(entry);
  }

  invite(inviter: Person, invited: Person): void {
    this.append(composeInvite(this.author(inviter), inviter.state, this.invitee(invited)));
  }

  /** What an invitation says of them. */
  invitee({ name, signer }: Person) {
    return { user: name, key: toBase64url(signer.publicKey), verified: true };
  }

  /** @param invitedAt position of the invitation that they follow */
  join(person: Person, invitedAt?: number): void {
    const since = invitedAt === undefined ? this.log.length : invitedAt - 1;
    this.#enter(person, since);
    this.append(composeJoin(this.author(person), this.room, this.log.length));
  }

  say(person: Person, text: string): void {
    this.append(composeMessage(this.author(person), person.state, text));
  }

  /** @param as what differs from the room as it is: of a member who lost the key, or after a thousand entries */
  rekey(person: Person, as: Partial<RoomState> = {}): void {
    const { entry, wraps, state } = this.epoch(person, { ...person.state, ...as });
    person.state = { ...person.state, draft: state.draft };
    this.wraps.set(parsePayload('epoch', entry.payload)?.number ?? 0, wraps);
    this.append(entry);
  }

  /** The epoch that this member would propose, for the prekeys of all. */
  epoch(person: Person, state: RoomState) {
    const prekeys = this.people.map(({ signer, prekey }) => [signer.fingerprint, prekey.publicKey] as const);
    return composeEpoch(this.author(person), state, new Map(prekeys));
  }

  /** The authority takes somebody's access away. */
  revocation({ name, signer }: Person): SignedEntry {
    const concerned = { user: name, fingerprint: signer.fingerprint };
    return signed(this.authority, 'revoke', this.room, {
      v: 1,
      type: 'revoke',
      room: this.room,
      ...concerned,
      at: this.#now,
    });
  }

  append(entry: SignedEntry): void {
    this.log.push({ seq: this.log.length + 1, at: this.#now + 500, entry });
    this.#now += minute;
    for (const person of this.people) if (person.state.room === this.room) this.#read(person);
  }

  #enter(person: Person, since: number): void {
    const authority = toBase64url(this.authority.publicKey);
    person.state = emptyRoom(this.room, person.signer.fingerprint, { since, authority });
    if (!person.past.has(0)) person.past.set(0, person.state);
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
      // Who joins again reads the log anew; how they knew it before is kept.
      if (!person.past.has(logged.seq)) person.past.set(logged.seq, person.state);
    }
  }

  #unwrap(person: Person, number: number): void {
    const wrap = this.wraps.get(number)?.find(({ to }) => to === person.signer.fingerprint);
    if (wrap === undefined) throw new Error(`There is no wrap of epoch ${number} for ${person.name}.`);
    const { state, events } = acceptWrap(
      person.state,
      { epochNumber: number, envelope: wrap.envelope, prekeys: [person.prekey] },
      this.recording.crypto,
    );
    if (events.length > 0) throw new Error(`${person.name} cannot take the wrap of epoch ${number}.`);
    person.state = state;
  }
}
