/**
 * One room in memory, in front of the store.
 *
 * Entries are checked one after another against the state that all entries before will have left, and handed to the store
 * without waiting for it. Each is acknowledged and published when the store has it for good, in order, and never before.
 * When the store fails, nobody knows what it kept: everything on its way is answered with `internal`, the memory is
 * dropped and loaded again, and what did get in is published then.
 */
import {
  entryHash,
  limits,
  ProtocolError,
  parsePayload,
  type RoomId,
  type RoomName,
  type SignedEntry,
  type SignedKnock,
  type UserName,
} from '@chat/protocol';
import type { Account } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import {
  type Appended,
  type Appending,
  type Room,
  type RoomChange,
  type RoomStore,
  StoreConflict,
  type StoredEntry,
} from '../ports/room-store.ts';
import { type Admitted, type AppendRequest, admit } from './entry-rules/append-rules.ts';
import { LogView } from './entry-rules/log-view.ts';
import { advance } from './room-state.ts';
import { SerialQueue, settled } from './serial-queue.ts';

export interface RoomListener {
  /** An entry is durable. Called in order, each once. MUST NOT throw. */
  entry(entry: StoredEntry): void;
  /** The room after the entries so far. */
  state(state: Room): void;
  /** Somebody knocks, and it is durable that they do. MUST NOT throw. */
  knock(knock: SignedKnock): void;
}

/** A durable invitation, as it is told to whom it is for. */
export interface InvitationNotice {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly by: UserName;
}

export interface RoomLogOptions {
  readonly store: RoomStore;
  readonly clock: () => number;
  readonly log: Log;
  /** Is told of every invitation once. MUST NOT throw. */
  readonly invited: (user: UserName, notice: InvitationNotice) => void;
}

/** What the store is asked about a request while it waits for its turn. */
export interface Beforehand {
  /** Where it went, when it was carried out before. */
  readonly earlier: Appended | null;
  /** For an `invite`: the account of whoever it names. */
  readonly invited: Account | null;
}

/** An entry to append, whoever wants it. */
interface Order {
  readonly author: UserName | null;
  readonly cid: string;
  readonly entry: SignedEntry;
}

/** Entries read at a time when the memory is loaded again. */
const page = { entries: 256, bytes: 256 * 1024 };

export class RoomLog {
  readonly id: RoomId;
  readonly #options: RoomLogOptions;
  readonly #listeners = new Set<RoomListener>();
  /** The room as the store has it. */
  #durable: Room | null = null;
  /** The room as it will be when the store has everything that was handed to it. */
  #ahead: Room | null = null;
  /** What that room's log looks like, for as far back as somebody may have seen it last. */
  #view: LogView;
  #loaded = false;
  /** Entries are admitted one after another. */
  readonly #turns = new SerialQueue();
  /** The latest entry's publication: they happen in order, and not at all after one that failed. */
  #published: Promise<void> = Promise.resolve();
  /** Settles when the store has answered for everything that was handed to it. */
  #answered: Promise<void> = Promise.resolve();

  constructor(id: RoomId, options: RoomLogOptions) {
    this.id = id;
    this.#options = options;
    this.#view = new LogView(id, 0, []);
  }

  /** The room as the store has it: what may be read. Null before `settled`, and for a room that does not exist. */
  get state(): Room | null {
    return this.#durable;
  }

  /** Resolves when `state` is that after everything that was asked of this room before now. */
  async settled(): Promise<void> {
    await this.#turns.take(() => this.#load());
    await settled(this.#published);
  }

  /** Appends the first entry. `permit` is asked last and throws when it may not be. */
  create(
    request: AppendRequest,
    admitted: Admitted,
    beforehand: Promise<Beforehand>,
    permit: () => void,
  ): Promise<Appended> {
    return this.#append(orderOf(request), beforehand, (ahead) => {
      if (ahead !== null) throw new ProtocolError('entry-refused', 'This very room exists: use another nonce.');
      permit();
      return admitted;
    });
  }

  /**
   * Appends an entry, unless it is known beforehand where it went. Takes its place in order at once. `permit` is asked
   * last, about an entry that may be appended as far as the room goes, and throws when it may not.
   */
  append(
    request: AppendRequest,
    beforehand: Promise<Beforehand>,
    permit: (admitted: Admitted) => void,
  ): Promise<Appended> {
    return this.#append(orderOf(request), beforehand, (ahead, { invited }) => {
      const admitted = admit({ state: existing(ahead), view: this.#view, invited }, request);
      permit(admitted);
      return admitted;
    });
  }

  /** Appends an entry of the server's own, unless `changeOf` says that there is nothing for it to do: null then. */
  async appendOwn(entry: SignedEntry, changeOf: (state: Room | null) => RoomChange | null): Promise<Appended | null> {
    const hash = entryHash(entry);
    const order = { author: null, cid: hash.slice(0, 32), entry };
    const { outcome } = await this.#turns.take(async () => {
      await this.#load();
      const change = changeOf(this.#ahead);
      return { outcome: change === null ? null : this.#place(order, { hash, change }) };
    });
    return outcome;
  }

  /** Keeps a knock, in order with the entries. `permit` throws when this person need not or may not knock here. */
  async knock(user: UserName, knock: SignedKnock, permit: (state: Room) => void): Promise<void> {
    const { outcome } = await this.#turns.take(async () => {
      await this.#load();
      permit(existing(this.#ahead));
      return { outcome: this.#options.store.putKnock(this.id, user, knock, limits.knocksPerRoom) };
    });
    if (!(await outcome)) {
      throw new ProtocolError('limit-reached', 'Too many wait to be let into this room: knock again another day.');
    }
    for (const listener of this.#listeners) listener.knock(knock);
  }

  /** Calls the listener from the next entry on; the function that comes back ends that. */
  listen(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #append(
    order: Order,
    beforehand: Promise<Beforehand>,
    admission: (ahead: Room | null, known: Beforehand) => Admitted,
  ): Promise<Appended> {
    // Wrapped, as a promise within a promise would make the next step wait for the store.
    const { outcome } = await this.#turns.take(async () => {
      const known = await beforehand;
      if (known.earlier !== null) return { outcome: Promise.resolve(known.earlier) };
      await this.#load();
      return { outcome: this.#place(order, admission(this.#ahead, known)) };
    });
    return outcome;
  }

  #place({ author, cid, entry }: Order, { hash, change }: Admitted): Promise<Appended> {
    const seq = (this.#ahead?.head ?? 0) + 1;
    const at = this.#options.clock();
    const logHash = this.#view.add(entry.type, hash);
    return this.#hand({ room: this.id, seq, at, hash, logHash, entry, author, cid, change });
  }

  #hand(appending: Appending): Promise<Appended> {
    const { room, seq, at, hash, entry, change } = appending;
    const after = advance(this.#ahead, appending);
    this.#ahead = after;

    const stored = this.#options.store.append(appending);
    const answered = settled(stored);
    this.#answered = this.#answered.then(() => answered);
    const published = Promise.all([this.#published, stored]).then(() => {
      this.#durable = after;
      this.#publish([{ seq, at, hash, entry }], after);
    });
    this.#published = published;
    return published.then(
      () => ({ room, seq, at }),
      async (error: unknown) => {
        this.#drop(error);
        // Until then nobody lets go of this room, so that it is never in memory twice with answers outstanding.
        await this.#answered;
        throw error instanceof StoreConflict && error.code === 'room-name-taken' && change?.kind === 'create'
          ? new ProtocolError('room-name-taken', `Another room is called ${change.name}: choose another name.`)
          : new ProtocolError('internal', 'The server could not store this and cannot say if it did: send it again.');
      },
    );
  }

  #publish(entries: readonly StoredEntry[], after: Room): void {
    for (const entry of entries) {
      for (const listener of this.#listeners) listener.entry(entry);
      this.#tellInvited(entry.entry, after);
    }
    for (const listener of this.#listeners) listener.state(after);
  }

  #tellInvited({ type, payload }: SignedEntry, { name }: Room): void {
    const invitation = type === 'invite' ? parsePayload('invite', payload) : null;
    if (invitation === null || name === null) return;
    this.#options.invited(invitation.user, { room: this.id, name, by: invitation.author });
  }

  #drop(error: unknown): void {
    if (!this.#loaded) return;
    this.#loaded = false;
    // A refusal is the asker's affair, and told to them; a failure is the operator's.
    if (error instanceof StoreConflict)
      this.#options.log.debug({ room: this.id, code: error.code }, 'the store refused');
    else this.#options.log.warn({ room: this.id, error }, 'the store failed; the room is loaded again');
    this.#turns
      .take(() => this.#load())
      .catch((cause: unknown) => {
        this.#options.log.error(
          { room: this.id, error: cause },
          'the room could not be loaded; the next request tries',
        );
      });
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    // A late answer could still change what the store holds.
    await this.#answered;
    const { store } = this.#options;
    const state = await store.load(this.id);
    const head = state?.head ?? 0;
    const hashes = state === null ? [] : await store.logHashes(this.id, head - limits.viewEntries);
    const missed = this.#durable !== null && state !== null ? await this.#read(this.#durable.head, state.head) : [];

    this.#durable = state;
    this.#ahead = state;
    this.#view = new LogView(this.id, head, hashes);
    this.#published = Promise.resolve();
    this.#loaded = true;
    if (state !== null) this.#publish(missed, state);
  }

  async #read(after: number, head: number): Promise<readonly StoredEntry[]> {
    const entries: StoredEntry[] = [];
    for (let at = after; at < head; at = entries.at(-1)?.seq ?? head) {
      entries.push(...(await this.#options.store.read(this.id, at, Math.min(page.entries, head - at), page.bytes)));
    }
    return entries;
  }
}

const orderOf = ({ author, cid, entry }: AppendRequest): Order => ({ author: author.user, cid, entry });

function existing(ahead: Room | null): Room {
  if (ahead === null) throw new ProtocolError('unknown-room', 'There is no such room: look it up by name.');
  return ahead;
}
