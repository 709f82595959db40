/** Fills a server's store with rooms, before the server starts: members, keys, messages. */
import {
  emptyLogHash,
  entryHash,
  type Fingerprint,
  fromHex,
  type LoggedEntry,
  nextLogHash,
  type SignedEntry,
} from '@chat/protocol';
import {
  type Author,
  applyEntry,
  composeCreate,
  composeEpoch,
  composeJoin,
  composeMessage,
  createRoomCrypto,
  emptyRoom,
  type RoomState,
  rekeyDue,
  type SenderLink,
} from '@chat/room';
import { type RoomChange, SheetHashes, type Store } from '@chat/server-core';
import { signerOf, userAt, type World } from './world.ts';

const crypto = createRoomCrypto();
/** What is composed here is valid, so its signatures are not verified. */
const trusting = { ...crypto, verify: () => true };
const policy = { join: 'open', history: 'since-join' } as const;
/** A signature and a payload of the usual size, of a message that no client reads. */
const hiddenEntry = { type: 'message', signature: new Uint8Array(103).fill(1) } as const;
const hiddenPayloadBytes = 320;

function authorAt(world: World, index: number): Author {
  const account = userAt(world, index);
  return { user: account.user, signer: signerOf(account), crypto, now: Date.now() };
}

/** Fills a store with rooms of one member that no client opens, so that their entries need no valid signature. */
export async function fillRooms(store: Store, world: World, count: number): Promise<void> {
  const account = userAt(world, 0);
  const { publicKey, fingerprint } = signerOf(account);
  const signer = { publicKey, fingerprint, sign: () => hiddenEntry.signature };
  const author = { user: account.user, signer, crypto, now: Date.now() };
  const stored: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const name = `room-${index}`;
    const { roomId, entry } = composeCreate(author, name, policy);
    const hash = entryHash(entry);
    const logHash = nextLogHash(emptyLogHash(roomId), { seq: 1, type: 'create', hash });
    const change = { kind: 'create', name, policy, user: author.user, fingerprint } as const;
    const place = { room: roomId, seq: 1, at: author.now, hash, logHash, cid: hash.slice(0, 32) };
    stored.push(store.append({ ...place, entry, author: author.user, change }));
  }
  await Promise.all(stored);
}

/** Options of `FilledRoom`. */
export interface FilledRoomOptions {
  /** Number of the user who creates the room. Default: 0. */
  readonly owner?: number;
  /** The owner's links to the members who get the room's keys, by fingerprint. Default: none. */
  readonly links?: ReadonlyMap<Fingerprint, SenderLink>;
}

/** A room that a client has created, and whose log is to go on. */
export interface ContinuedRoom {
  readonly store: Pick<Store, 'append'>;
  readonly world: World;
  /** What its first member has read: the whole log. */
  readonly state: RoomState;
  readonly owner: Pick<Author, 'user' | 'signer'>;
}

/** A room in the store. Its state is that of its first member. */
export class FilledRoom {
  /** Returns a room whose first member need not be a user of the world. */
  static continued({ store, world, state, owner }: ContinuedRoom): FilledRoom {
    return new FilledRoom(store, world, { state, owner: { ...owner, crypto, now: Date.now() }, links: new Map() });
  }

  /** Creates a room. The first member is the user with the number `owner`, and alone has the room's keys but for the members with one of `links`. */
  static create(
    store: Pick<Store, 'append'>,
    world: World,
    name: string,
    { owner: index = 0, links = new Map() }: FilledRoomOptions = {},
  ): FilledRoom {
    const owner = authorAt(world, index);
    const { roomId, entry } = composeCreate(owner, name, policy);
    const room = new FilledRoom(store, world, { state: emptyRoom(roomId, owner.signer.fingerprint), owner, links });
    const { user, signer } = owner;
    room.#append(entry, user, { kind: 'create', name, policy, user, fingerprint: signer.fingerprint });
    return room;
  }

  readonly #store: Pick<Store, 'append'>;
  readonly #world: World;
  readonly #stored: Promise<void>[] = [];
  readonly #owner: Author;
  #links: ReadonlyMap<Fingerprint, SenderLink>;
  #logHash: string;
  state: RoomState;

  private constructor(
    store: Pick<Store, 'append'>,
    world: World,
    { state, owner, links }: Pick<FilledRoom, 'state'> & Pick<Required<FilledRoomOptions>, 'links'> & { owner: Author },
  ) {
    this.#store = store;
    this.#world = world;
    this.#owner = owner;
    this.#links = links;
    this.state = state;
    this.#logHash = state.head.seq === 0 ? emptyLogHash(state.room) : state.head.hash;
  }

  /** Resolves when everything is in the store. */
  async filled(): Promise<void> {
    await Promise.all(this.#stored);
  }

  /** Adds the users with these numbers as members. */
  join(users: Iterable<number>): void {
    for (const index of users) {
      const member = authorAt(this.#world, index);
      const identity = { user: member.user, fingerprint: member.signer.fingerprint };
      const readsFrom = this.state.head.seq + 1;
      this.#append(composeJoin(member, this.state.room, this.state.head.seq), member.user, {
        kind: 'join',
        ...identity,
        readsFrom,
      });
    }
  }

  /** Composes a message of the first member, which is not added. */
  compose(text: string): SignedEntry {
    return composeMessage(this.#owner, this.state, text);
  }

  /** Gives the room its next key. */
  rekey(): void {
    const { entry, recipients, slots, links, state } = composeEpoch(this.#owner, this.state, this.#links);
    const list = { recipients: Buffer.concat(recipients.map(({ fingerprint }) => fromHex(fingerprint))), slots };
    const sheets = new SheetHashes(list).sheets();
    this.#links = links;
    const seq = this.state.head.seq + 1;
    const number = (this.state.epoch?.number ?? 0) + 1;
    const mark = { number, v: 2, hash: entryHash(entry), answers: state.membershipSeq } as const;
    const epoch = { ...mark, freshSeq: seq, freshAt: Date.now() };
    this.state = state;
    this.#append(entry, this.#owner.user, { kind: 'epoch', epoch, sheets });
  }

  /** Adds messages of as many users in turns. */
  say(count: number, authors: number): void {
    for (let index = 0; index < count; index++) {
      if (rekeyDue(this.state, Date.now()) !== null) this.rekey();
      const author = authorAt(this.#world, index % authors);
      const text = `This is message number ${index} of a room in which people talk.`;
      const entry = composeMessage(author, { ...this.state, me: author.signer.fingerprint }, text);
      this.#append(entry, author.user, null);
    }
  }

  /** Adds messages that no user of the benchmark may read, so that they need not be valid. */
  sayHidden(count: number): void {
    const { user, signer } = this.#owner;
    for (let index = 0; index < count; index++) {
      if (rekeyDue(this.state, Date.now()) !== null) this.rekey();
      const payload = crypto.random(hiddenPayloadBytes);
      const entry = { ...hiddenEntry, by: signer.fingerprint, payload };
      const seq = this.#place(entry, user, null);
      this.state = applyEntry(this.state, { seq, hashes: fromHex(entryHash(entry)) }, trusting).state;
    }
  }

  #append(entry: SignedEntry, user: string, change: RoomChange | null): void {
    const logged: LoggedEntry = { seq: this.#place(entry, user, change), at: Date.now(), entry };
    this.state = applyEntry(this.state, logged, trusting).state;
  }

  /** Stores an entry, and returns its position. */
  #place(entry: SignedEntry, user: string, change: RoomChange | null): number {
    const seq = this.state.head.seq + 1;
    const hash = entryHash(entry);
    this.#logHash = nextLogHash(this.#logHash, { seq, type: entry.type, hash });
    const place = { room: this.state.room, seq, at: Date.now(), hash, logHash: this.#logHash };
    this.#stored.push(this.#store.append({ ...place, entry, author: user, cid: hash.slice(0, 32), change }));
    return seq;
  }
}
