/** A room of the examples, recorded: one log, and the room's state as each participant has read it. */
import {
  entryHash,
  fromBase64url,
  type LoggedEntry,
  type MessageBody,
  type MessageReference,
  type Policy,
  parsePayload,
  roomIdOf,
  type SignedEntry,
  sha256Hex,
  toBase64url,
  utf8,
} from '@chat/protocol';
import {
  type Applied,
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeDecline,
  composeEpoch,
  composeInvite,
  composeJoin,
  composeMessage,
  composeRenewKey,
  emptyRoom,
  type LogItem,
  linkContext,
  linkOf,
  makeKeyRenewal,
  noteKeySeen,
  type OwnPrekey,
  type Proposal,
  type RecipientLink,
  type RoomEvent,
  type RoomState,
  recipientsOf,
  type SenderLink,
  type Signer,
  slotAt,
  wrapContext,
} from '@chat/room';
import { resigned, signed } from './forge.ts';
import { type Recording, recordingCrypto } from './recording-crypto.ts';
import type { KeyName, Name, SignerOf } from './signers.ts';

const minuteMs = 60_000;
const startMs = 1_800_000_000_000;

/** Fingerprint of the server's CA, which the contexts of links name. */
export const serverId = sha256Hex(utf8('the server of the examples'));

/** A user of the example: keys, and the room's state as this user has read it. */
export interface Participant {
  readonly name: Name;
  readonly signer: Signer;
  readonly prekey: OwnPrekey;
  /** By fingerprint of the recipient. */
  readonly sent: Map<string, SenderLink>;
  /** By id. */
  readonly received: Map<string, RecipientLink>;
  state: RoomState;
  /** The room's state by the position up to which the user had read it; 0 for the state before the first entry. */
  readonly states: Map<number, RoomState>;
}

/** A room whose every entry, key and computation is recorded. */
export class RecordedRoom {
  readonly recording: Recording;
  readonly authority: Signer;
  readonly participants: Participant[] = [];
  readonly log: LoggedEntry[] = [];
  /** What the first participant has read. */
  readonly events: RoomEvent[] = [];
  /** The recipients and slots of each epoch, by its number. */
  readonly published = new Map<number, Pick<Proposal, 'recipients' | 'slots'>>();
  /** The secrets that recipients have, by epoch number and fingerprint: a wrap opens once. */
  readonly handed = new Map<string, Uint8Array>();
  roomId = '';
  /** The participants whose key was renewed. */
  readonly #replaced = new Set<Participant>();
  readonly #name: string;
  readonly #policy: Policy;
  readonly #signerOf: SignerOf;
  #now = startMs;

  constructor(name: string, policy: Policy, signerOf: SignerOf) {
    this.recording = recordingCrypto(name);
    this.authority = signerOf('authority');
    this.#name = name;
    this.#policy = policy;
    this.#signerOf = signerOf;
  }

  /** Adds a user, who may join the room later, and makes the user's prekey. Default of `key`: the user's own. */
  participant(name: Name, key: KeyName = name): Participant {
    const signer = this.#signerOf(key);
    const prekey = this.recording.crypto.newPrekey();
    const nowhere = emptyRoom('0'.repeat(64), signer.fingerprint);
    const ends = { sent: new Map(), received: new Map() };
    const person: Participant = { name, signer, prekey, ...ends, state: nowhere, states: new Map() };
    this.participants.push(person);
    return person;
  }

  author({ name, signer }: Participant): Author {
    return { user: name, signer, crypto: this.recording.crypto, now: this.#now };
  }

  /** Advances the clock, so that the room's keys become old. */
  wait(ms: number): void {
    for (const person of this.participants) person.state = noteKeySeen(person.state, this.#now);
    this.#now += ms;
  }

  /**
   * @param change changes to the fields of the `create` entry, for a room as an earlier client created it
   * @param encode signs the entry again in another form
   */
  create(
    person: Participant,
    change: { readonly v?: 1 } = {},
    encode: (entry: SignedEntry) => SignedEntry = (entry) => entry,
  ): void {
    const { entry } = composeCreate(this.author(person), this.#name, this.#policy);
    const created = encode(resigned(person.signer, '', entry, change));
    this.roomId = roomIdOf(created.payload);
    this.#enter(person, 0);
    this.append(created);
  }

  invite(inviter: Participant, invited: Participant): void {
    this.append(composeInvite(this.author(inviter), inviter.state, this.invitee(invited)));
  }

  /** Returns what an invitation of this user contains. */
  invitee({ name, signer }: Participant) {
    return { user: name, key: toBase64url(signer.publicKey), verified: true };
  }

  /** @param invitedAt position of the invitation that the user accepts */
  join(person: Participant, invitedAt?: number): void {
    const since = invitedAt === undefined ? this.log.length : invitedAt - 1;
    this.#enter(person, since);
    this.append(composeJoin(this.author(person), this.roomId, this.log.length));
  }

  decline(person: Participant): void {
    this.append(composeDecline(this.author(person), this.roomId, this.log.length));
  }

  /** Gives a user another key. Returns the user with that key; the participant before reads nothing more. */
  renewKey(person: Participant, key: KeyName): Participant {
    const next = this.participant(person.name, key);
    next.state = person.state;
    for (const [seq, state] of person.states) next.states.set(seq, state);
    this.#replaced.add(person);
    this.append(this.renewal(person, next));
    return next;
  }

  /** Composes the entry with which a user gets another key. */
  renewal(person: Participant, next: Participant, madeAt = this.#now): SignedEntry {
    const options = { serverId, number: 1, madeAt };
    const renewal = makeKeyRenewal({ user: person.name, before: person.signer, after: next.signer }, options);
    const chain = { first: toBase64url(person.signer.publicKey), renewals: [renewal] };
    return composeRenewKey({ ...this.author(next), user: person.name }, this.roomId, chain);
  }

  say(person: Participant, said: string | MessageBody): void {
    this.append(composeMessage(this.author(person), person.state, said));
  }

  /** Returns the reference to the message at a position. */
  reference(seq: number): MessageReference {
    const logged = this.log[seq - 1];
    if (logged === undefined) throw new Error(`There is no entry at ${seq}.`);
    return { seq, hash: entryHash(logged.entry) };
  }

  /** @param as changes to the member's state, to simulate a lost key or a thousand entries */
  rekey(person: Participant, as: Partial<RoomState> = {}): void {
    const { entry, links, state, ...published } = this.epoch(person, { ...person.state, ...as });
    person.state = { ...person.state, drafts: state.drafts };
    for (const [to, link] of links) person.sent.set(to, link);
    const number = parsePayload('epoch', entry.payload)?.number ?? 0;
    this.published.set(number, published);
    this.handed.set(`${number} ${person.signer.fingerprint}`, fromBase64url(state.drafts[0]?.secret ?? ''));
    this.append(entry);
  }

  /** Composes the epoch that this member proposes in a state, and opens the links that it lacks. */
  epoch(person: Participant, state: RoomState): Proposal {
    const author = this.author(person);
    for (const { fingerprint: to } of recipientsOf(state, author.now)) {
      const recipient = this.participants.find(({ signer }) => signer.fingerprint === to);
      if (recipient === undefined || recipient === person || person.sent.has(to)) continue;
      const context = linkContext(serverId, person.signer.fingerprint, to);
      const opened = this.recording.crypto.openLink({ recipient: recipient.prekey.publicKey, context });
      if (opened === null) throw new Error(`${recipient.name} has a damaged prekey.`);
      const accepted = this.recording.crypto.acceptLink(recipient.prekey, opened.opening, context);
      if (accepted === null) throw new Error(`${recipient.name} cannot accept a link.`);
      person.sent.set(to, opened.link);
      recipient.received.set(accepted.id, accepted);
    }
    return composeEpoch(author, state, person.sent);
  }

  /** Composes the CA's revocation of a user. */
  revocation({ name, signer }: Participant): SignedEntry {
    const target = { user: name, fingerprint: signer.fingerprint };
    return signed(this.authority, 'revoke', this.roomId, {
      v: 1,
      type: 'revoke',
      room: this.roomId,
      ...target,
      at: this.#now,
    });
  }

  append(entry: SignedEntry): void {
    this.log.push({ seq: this.log.length + 1, at: this.#now + 500, entry });
    this.#now += minuteMs;
    for (const person of this.participants) {
      if (person.state.room === this.roomId && !this.#replaced.has(person)) this.#read(person);
    }
  }

  #enter(person: Participant, since: number): void {
    const authority = toBase64url(this.authority.publicKey);
    person.state = emptyRoom(this.roomId, person.signer.fingerprint, { since, authorities: [authority], serverId });
    if (!person.states.has(0)) person.states.set(0, person.state);
  }

  /**
   * Applies what the server sends to a participant, and accepts the own wraps. The participant's own state stays as it is.
   *
   * @returns the state after it, and the events
   */
  apply(person: Participant, state: RoomState, item: LogItem): Applied {
    const applied = applyEntry(state, item, this.recording.crypto);
    const wanted = applied.events.find((event) => event.kind === 'epoch' && event.key === 'wanted');
    if (wanted?.kind !== 'epoch') return applied;
    return { ...applied, state: this.#unwrap(person, applied.state, wanted.number) };
  }

  /** Reads the log to its end. Throws at any violation. */
  #read(person: Participant): void {
    for (const logged of this.log.slice(person.state.head.seq)) {
      const { state, events } = this.apply(person, person.state, logged);
      person.state = state;
      if (person === this.participants[0]) this.events.push(...events);
      for (const event of events) {
        if (event.kind === 'violation') throw new Error(`${person.name} reports ${event.code} at ${event.seq}.`);
      }
      // A user who joins again reads the log again. The states of the first reading are kept.
      if (!person.states.has(logged.seq)) person.states.set(logged.seq, person.state);
    }
  }

  #unwrap(person: Participant, before: RoomState, epochNumber: number): RoomState {
    const place = `${epochNumber} ${person.signer.fingerprint}`;
    const secret = this.handed.get(place) ?? this.#open(person, epochNumber);
    this.handed.set(place, secret);
    const state = acceptWrap(before, { epochNumber, secret }, this.recording.crypto);
    if (state === null) throw new Error(`${person.name} cannot accept the secret of epoch ${epochNumber}.`);
    return state;
  }

  #open(person: Participant, epochNumber: number): Uint8Array {
    const { recipients = [], slots = new Uint8Array() } = this.published.get(epochNumber) ?? {};
    const index = recipients.findIndex(({ fingerprint }) => fingerprint === person.signer.fingerprint);
    const wrap = slotAt(slots, index);
    if (index < 0 || wrap === null) throw new Error(`There is no wrap of epoch ${epochNumber} for ${person.name}.`);
    const unwrapped = person.received
      .get(linkOf(wrap))
      ?.unwrap(wrap, wrapContext({ roomId: this.roomId, epochNumber }));
    if (unwrapped === undefined || typeof unwrapped === 'string')
      throw new Error(`A wrap does not open: ${unwrapped}.`);
    person.received.set(unwrapped.link.id, unwrapped.link);
    return unwrapped.key;
  }
}
