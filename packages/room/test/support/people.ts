/** A room's members and its log, without a server: every reader applies each entry that is appended. */
import {
  decodePayload,
  encodePayload,
  entryHash,
  fromHex,
  type LoggedEntry,
  type LoggedStubs,
  type Policy,
  ProtocolError,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  utf8,
} from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import {
  type Applied,
  type Author,
  acceptWrap,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeInvite,
  composeJoin,
  composeLeave,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  type Prekey,
  type Prekeys,
  type Proposal,
  type RoomEvent,
  type RoomState,
  type Signer,
} from '../../src/index.ts';

export const crypto = createRoomCrypto();
const openPolicy: Policy = { join: 'open', history: 'since-join' };

/** The server's CA key. */
export const authority: Signer = generateSigner();

/** Returns the stub of an entry. */
export const stubOf = ({ seq, entry }: LoggedEntry): LoggedStubs => ({ seq, hashes: fromHex(entryHash(entry)) });

/** A user and the state of this user's client. */
export class Person {
  readonly user: string;
  readonly signer: Signer = generateSigner();
  prekey: Prekey = crypto.newPrekey();
  state: RoomState;
  readonly events: RoomEvent[] = [];
  now = 1_700_000_000_000;

  constructor(user: string) {
    this.user = user;
    this.state = emptyRoom('0'.repeat(64), this.signer.fingerprint);
  }

  get author(): Author {
    return { user: this.user, signer: this.signer, crypto, now: this.now };
  }

  create(name: string, policy: Policy): { readonly roomId: string; readonly entry: SignedEntry } {
    return composeCreate(this.author, name, policy);
  }

  /** The texts that this user has read, in order. */
  get texts(): string[] {
    return this.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  }

  /** The violations that this user's client has reported. */
  get violations(): string[] {
    return this.events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []));
  }

  take({ state, events }: Applied): void {
    this.state = state;
    this.events.push(...events);
  }
}

/** A user who creates rooms as they were before signatures needed a low s. */
export class EarlierPerson extends Person {
  override create(name: string, policy: Policy) {
    const payload = { ...fieldsOf(super.create(name, policy).entry.payload), v: 1 };
    const entry = signAnything(this.signer, 'create', '', payload);
    return { roomId: roomIdOf(entry.payload), entry };
  }
}

/** The log of one room. */
export class Log {
  readonly roomId: string;
  readonly entries: LoggedEntry[] = [];
  readonly wraps = new Map<string, string>();
  /** The users whose clients read each entry when it is appended. */
  readonly people: Person[] = [];
  /** All users whose prekeys are available. */
  readonly known = new Set<Person>();

  constructor(creator: Person, name = 'lobby', policy: Policy = openPolicy) {
    const { roomId, entry } = creator.create(name, policy);
    this.roomId = roomId;
    this.enter(creator);
    this.append(entry);
    this.rekey(creator);
  }

  get prekeys(): Prekeys {
    return new Map([...this.known].map(({ signer, prekey }) => [signer.fingerprint, prekey.publicKey]));
  }

  /** Lets a user who is about to join read the log from its first entry. */
  enter(person: Person, since = this.entries.length): void {
    person.state = emptyRoom(this.roomId, person.signer.fingerprint, {
      since,
      authorities: [toBase64url(authority.publicKey)],
    });
    this.people.push(person);
    this.known.add(person);
  }

  append(entry: SignedEntry): LoggedEntry {
    const logged = { seq: this.entries.length + 1, at: 0, entry };
    this.entries.push(logged);
    for (const person of this.people) this.deliver(person);
    return logged;
  }

  /** Sends a user the entries that the user has not read yet, and their wraps. */
  deliver(person: Person): void {
    for (const logged of this.entries.slice(person.state.head.seq)) {
      const before = person.events.length;
      person.take(applyEntry(person.state, this.#sentTo(person, logged), crypto));
      for (const event of person.events.slice(before)) {
        if (event.kind === 'epoch' && event.key === 'wanted') this.wrap(person, event.number);
      }
    }
  }

  /** Returns what an honest server sends: a stub for a message that the user may not read. */
  #sentTo({ state }: Person, logged: LoggedEntry): LoggedEntry | LoggedStubs {
    const isEarlier = logged.entry.type === 'message' && logged.seq <= state.since && state.policy?.history !== 'all';
    return isEarlier ? stubOf(logged) : logged;
  }

  wrap(person: Person, epochNumber: number): void {
    const envelope = this.wraps.get(`${epochNumber} ${person.signer.fingerprint}`);
    if (envelope === undefined)
      throw new ProtocolError('no-wrap', `There is no wrap of epoch ${epochNumber} for ${person.user}.`);
    person.take(acceptWrap(person.state, { epochNumber, envelope, prekeys: [person.prekey] }, crypto));
  }

  propose({ author, state }: Person): Proposal {
    return composeEpoch(author, state, this.prekeys);
  }

  rekey(hub: Person): LoggedEntry {
    const proposal = this.propose(hub);
    const epochNumber = (hub.state.epoch?.number ?? 0) + 1;
    for (const { to, envelope } of proposal.wraps) this.wraps.set(`${epochNumber} ${to}`, envelope);
    hub.state = proposal.state;
    return this.append(proposal.entry);
  }

  join(person: Person, hub: Person): void {
    this.enter(person);
    this.append(composeJoin(person.author, this.roomId, this.entries.length));
    this.rekey(hub);
  }

  /** Invites a user, who does not read yet, and makes an epoch for that user too. */
  invite(inviter: Person, person: Person, verified = false): LoggedEntry {
    this.known.add(person);
    const key = toBase64url(person.signer.publicKey);
    const invited = this.append(composeInvite(inviter.author, inviter.state, { user: person.user, key, verified }));
    this.rekey(inviter);
    return invited;
  }

  /** Lets an invited user join, and read what the server sends. */
  follow(person: Person, invitedAt: number): void {
    this.append(composeJoin(person.author, this.roomId, this.entries.length));
    this.enter(person, invitedAt - 1);
    this.deliver(person);
  }

  /** Revokes a user with the CA's key. */
  revoke({ user, signer: { fingerprint } }: Person): LoggedEntry {
    const payload = { v: 1, type: 'revoke', room: this.roomId, at: 0, user, fingerprint };
    return this.append(signAnything(authority, 'revoke', this.roomId, payload));
  }

  leave(person: Person): void {
    this.append(composeLeave(person.author, person.state));
  }

  say(person: Person, text: string): LoggedEntry {
    return this.append(composeMessage(person.author, person.state, text));
  }
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return typeof payload === 'string' ? utf8(payload) : encodePayload(payload as object);
}

/** Returns the fields of a payload. */
export const fieldsOf = (payload: Uint8Array) => decodePayload(payload) as ReturnType<typeof JSON.parse>;

/** Signs any payload as an entry, valid or not. */
export function signAnything(
  signer: Signer,
  type: SignedEntry['type'],
  roomId: string,
  payload: unknown,
  purpose: string = type,
): SignedEntry {
  const bytes = bytesOf(payload);
  const domain = { protocol: 'chat/1', purpose: `room.${purpose}`, context: type === 'create' ? '' : roomId };
  return { type, payload: bytes, by: signer.fingerprint, signature: signer.sign(domain, bytes) };
}

/** Returns a room of three members. Mallory may be dishonest. */
export function three() {
  const alice = new Person('alice');
  const log = new Log(alice);
  const bob = new Person('bob');
  const mallory = new Person('mallory');
  log.join(bob, alice);
  log.join(mallory, alice);
  return { alice, bob, mallory, log };
}
