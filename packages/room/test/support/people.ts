/** A room's members and its log, without a server: every reader applies each entry that is appended. */
import {
  decodePayload,
  encodePayload,
  entryHash,
  fromHex,
  isBlank,
  type LoggedEntry,
  type LoggedStubs,
  type Policy,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  utf8,
  type WrapProof,
  WrapTree,
  wrapLeaf,
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
  composeRenewKey,
  emptyRoom,
  judgeWrap,
  makeKeyRenewal,
  type OwnPrekey,
  type Proposal,
  type RecipientLink,
  type RoomEvent,
  type RoomState,
  type SenderLink,
  type Signer,
  slotAt,
  slotsCommitment,
} from '../../src/index.ts';
import { crypto, type LinkUser, Openings } from './links.ts';

export { crypto };

const openPolicy: Policy = { join: 'open', history: 'since-join' };

/** The server id, and the server's CA key. */
export const serverId = 'a'.repeat(64);
export const authority: Signer = generateSigner();

/** Returns the stub of an entry. */
export const stubOf = ({ seq, entry }: LoggedEntry): LoggedStubs => ({ seq, hashes: fromHex(entryHash(entry)) });

/** A user and the state of this user's client. */
export class Person implements LinkUser {
  readonly user: string;
  signer: Signer = generateSigner();
  prekey: OwnPrekey = crypto.newPrekey();
  sent: ReadonlyMap<string, SenderLink> = new Map();
  readonly received = new Map<string, RecipientLink>();
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

/** A user who creates rooms as before signatures needed a low s. */
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
  /** The wraps that the server hands out, by epoch number and recipient. */
  readonly wraps = new Map<string, Uint8Array>();
  readonly openings = new Openings();
  readonly #published = new Map<number, Pick<Proposal, 'recipients' | 'slots'>>();
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

  /** Returns the links of a user to all whose prekeys are available. */
  linksOf(person: Person): ReadonlyMap<string, SenderLink> {
    return this.openings.from(person, this.known);
  }

  /** Lets a user who is about to join read the log from its first entry. */
  enter(person: Person, since = this.entries.length): void {
    person.state = emptyRoom(this.roomId, person.signer.fingerprint, {
      since,
      authorities: [toBase64url(authority.publicKey)],
      serverId,
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

  /** Gives a user the own wrap of an epoch. The client judges one that does not lead to the secret by the server's proof. */
  wrap(person: Person, epochNumber: number): void {
    const { state } = person;
    const wrap = this.wraps.get(`${epochNumber} ${person.signer.fingerprint}`);
    const secret =
      wrap === undefined ? 'failed' : this.openings.unwrap(person, wrap, { roomId: this.roomId, epochNumber });
    const held = typeof secret === 'string' ? null : acceptWrap(state, { epochNumber, secret }, crypto);
    const breach = held === null ? judgeWrap(state, epochNumber, this.proof(person, epochNumber)) : null;
    person.take({ state: held ?? state, events: breach === null ? [] : [breach] });
  }

  /** Returns what an honest server answers about the wrap of a user; null if the user is no recipient. */
  proof({ signer }: Person, epochNumber: number): WrapProof | null {
    const published = this.#published.get(epochNumber);
    const index = published?.recipients.findIndex(({ fingerprint }) => fingerprint === signer.fingerprint) ?? -1;
    if (published === undefined || index < 0) return null;
    const { recipients, slots } = published;
    const leaves = recipients.map(({ fingerprint }, at) => wrapLeaf(fromHex(fingerprint), slotAt(slots, at)));
    const path = new WrapTree(Buffer.concat(leaves)).path({ level: 0, index });
    return { size: recipients.length, index, wrap: slotAt(slots, index), path };
  }

  /** Gives a user another key, and appends the entry with it. */
  renewKey(person: Person): LoggedEntry {
    const { user, signer: before } = person;
    Object.assign(person, { signer: generateSigner(), sent: new Map() });
    const renewal = makeKeyRenewal({ user, before, after: person.signer }, { serverId, number: 1, madeAt: person.now });
    const first = toBase64url(before.publicKey);
    return this.append(composeRenewKey(person.author, this.roomId, { first, renewals: [renewal] }));
  }

  propose(person: Person): Proposal {
    const proposal = composeEpoch(person.author, person.state, this.linksOf(person));
    person.sent = proposal.links;
    return proposal;
  }

  /** Hands the wraps of a proposal to the server. */
  putWraps(epochNumber: number, { recipients, slots }: Pick<Proposal, 'recipients' | 'slots'>): void {
    this.#published.set(epochNumber, { recipients, slots });
    for (const [index, { fingerprint }] of recipients.entries()) {
      const wrap = slotAt(slots, index);
      if (wrap !== null) this.wraps.set(`${epochNumber} ${fingerprint}`, wrap);
    }
  }

  rekey(hub: Person): LoggedEntry {
    const proposal = this.propose(hub);
    this.putWraps((hub.state.epoch?.number ?? 0) + 1, proposal);
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

/** Returns the names of the users to whom a proposal has wraps, in the order of the alphabet. */
export const wrappedTo = ({ recipients, slots }: Proposal): string[] =>
  recipients.flatMap(({ user }, index) => (slotAt(slots, index) === null ? [] : [user])).sort();

/** Signs an epoch whose wraps are all damaged: its author has made them so. */
export function withBadWraps(hub: Person, { entry, recipients, slots }: Proposal) {
  const damaged = slots.map((byte, at) => (at % 60 < 59 || isBlank(slots.subarray(at - 59, at + 1)) ? byte : byte ^ 1));
  const wraps = slotsCommitment(recipients, damaged);
  const payload = { ...fieldsOf(entry.payload), wraps };
  return { recipients, slots: damaged, entry: signAnything(hub.signer, 'epoch', hub.state.room, payload) };
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
