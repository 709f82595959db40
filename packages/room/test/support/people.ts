/** A room's members around one log, without a server: everybody applies what anybody appends. */
import {
  entryHash,
  type LoggedEntry,
  type LoggedStub,
  type Policy,
  ProtocolError,
  type SignedEntry,
  toBase64url,
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

/** The server's CA key, which signs revocations. */
export const authority: Signer = generateSigner();

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

  /** What this person could read, in order. */
  get texts(): string[] {
    return this.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  }

  /** The breaches that this person noticed. */
  get violations(): string[] {
    return this.events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []));
  }

  take({ state, events }: Applied): void {
    this.state = state;
    this.events.push(...events);
  }
}

export class Log {
  readonly room: string;
  readonly entries: LoggedEntry[] = [];
  readonly wraps = new Map<string, string>();
  /** Who reads what is appended, at once. */
  readonly people: Person[] = [];
  /** Whoever has ever been near the room: their prekeys can be had. */
  readonly known = new Set<Person>();

  constructor(creator: Person, name = 'lobby', policy: Policy = openPolicy) {
    const { roomId: room, entry } = composeCreate(creator.author, name, policy);
    this.room = room;
    this.enter(creator);
    this.append(entry);
    this.rekey(creator);
  }

  get prekeys(): Prekeys {
    return new Map([...this.known].map(({ signer, prekey }) => [signer.fingerprint, prekey.publicKey]));
  }

  /** Lets a person read the log, from the start, as one who is about to join. */
  enter(person: Person, since = this.entries.length): void {
    person.state = emptyRoom(this.room, person.signer.fingerprint, {
      since,
      authority: toBase64url(authority.publicKey),
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

  /** Hands a person what they have not read yet, wraps included. */
  deliver(person: Person): void {
    for (const logged of this.entries.slice(person.state.head.seq)) {
      const before = person.events.length;
      person.take(applyEntry(person.state, this.#shownTo(person, logged), crypto));
      for (const event of person.events.slice(before)) {
        if (event.kind === 'epoch' && event.key === 'wanted') this.wrap(person, event.number);
      }
    }
  }

  /** What an honest server gives of the log: of messages from before one's time a stub only. */
  #shownTo({ state }: Person, logged: LoggedEntry): LoggedEntry | LoggedStub {
    const early = logged.entry.type === 'message' && logged.seq <= state.since && state.policy?.history !== 'all';
    return early ? { seq: logged.seq, hash: entryHash(logged.entry) } : logged;
  }

  wrap(person: Person, number: number): void {
    const envelope = this.wraps.get(`${number} ${person.signer.fingerprint}`);
    if (envelope === undefined) throw new ProtocolError('no-wrap', `no wrap of epoch ${number} for ${person.user}`);
    person.take(acceptWrap(person.state, { epochNumber: number, envelope, prekeys: [person.prekey] }, crypto));
  }

  propose({ author, state }: Person): Proposal {
    return composeEpoch(author, state, this.prekeys);
  }

  rekey(hub: Person): LoggedEntry {
    const proposal = this.propose(hub);
    const number = (hub.state.epoch?.number ?? 0) + 1;
    for (const { to, envelope } of proposal.wraps) this.wraps.set(`${number} ${to}`, envelope);
    hub.state = proposal.state;
    return this.append(proposal.entry);
  }

  join(person: Person, hub: Person): void {
    this.enter(person);
    this.append(composeJoin(person.author, this.room, this.entries.length));
    this.rekey(hub);
  }

  /** Invites somebody, who does not read yet, and gives the room a key that is theirs too. */
  invite(inviter: Person, person: Person, verified = false): LoggedEntry {
    this.known.add(person);
    const key = toBase64url(person.signer.publicKey);
    const invited = this.append(composeInvite(inviter.author, inviter.state, { user: person.user, key, verified }));
    this.rekey(inviter);
    return invited;
  }

  /** Somebody who was invited comes, and reads what the server gives them. */
  follow(person: Person, invitedAt: number): void {
    this.append(composeJoin(person.author, this.room, this.entries.length));
    this.enter(person, invitedAt - 1);
    this.deliver(person);
  }

  /** By the server's authority. */
  revoke({ user, signer: { fingerprint } }: Person): LoggedEntry {
    const payload = { v: 1, type: 'revoke', room: this.room, at: 0, user, fingerprint };
    return this.append(signAnything(authority, 'revoke', this.room, payload));
  }

  leave(person: Person): void {
    this.append(composeLeave(person.author, person.state));
  }

  say(person: Person, text: string): LoggedEntry {
    return this.append(composeMessage(person.author, person.state, text));
  }
}

/** Signs any text as an entry, valid or not. */
export function signAnything(
  signer: Signer,
  type: SignedEntry['type'],
  room: string,
  payload: unknown,
  purpose: string = type,
): SignedEntry {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const domain = { protocol: 'chat/1', purpose: `room.${purpose}`, context: type === 'create' ? '' : room };
  const signature = signer.sign(domain, new TextEncoder().encode(text));
  return { type, payload: text, by: signer.fingerprint, signature: toBase64url(signature) };
}

/** A room of three, the last of whom may not be honest. */
export function three() {
  const alice = new Person('alice');
  const log = new Log(alice);
  const bob = new Person('bob');
  const mallory = new Person('mallory');
  log.join(bob, alice);
  log.join(mallory, alice);
  return { alice, bob, mallory, log };
}
