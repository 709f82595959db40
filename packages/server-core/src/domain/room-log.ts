/**
 * One room in memory, in front of the store.
 *
 * Entries are checked one after another against the state that all entries before will have left, and handed to the store
 * without waiting for it. Each is acknowledged and published when the store has it for good, in order, and never before.
 * When the store fails, nobody knows what it kept: everything on its way is answered with `internal`, the memory is
 * dropped and loaded again, and what did get in is published then.
 */
import { ProtocolError, type RoomId } from '@chat/protocol';
import type { Log } from '../ports/log.ts';
import {
  type Appended,
  type Appending,
  type Room,
  type RoomStore,
  StoreConflict,
  type StoredEntry,
} from '../ports/room-store.ts';
import { type Admitted, type AppendRequest, admit } from './append-rules.ts';
import { advance } from './room-state.ts';
import { settled, Turns } from './turns.ts';

export interface RoomListener {
  /** An entry is durable. Called in order, each once. MUST NOT throw. */
  entry(entry: StoredEntry): void;
  /** The room after the entries so far. */
  state(state: Room): void;
}

export interface RoomLogOptions {
  readonly store: RoomStore;
  readonly clock: () => number;
  readonly log: Log;
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
  #loaded = false;
  /** Entries are admitted one after another. */
  readonly #turns = new Turns();
  /** The latest entry's publication: they happen in order, and not at all after one that failed. */
  #published: Promise<void> = Promise.resolve();
  /** Settles when the store has answered for everything that was handed to it. */
  #answered: Promise<void> = Promise.resolve();

  constructor(id: RoomId, options: RoomLogOptions) {
    this.id = id;
    this.#options = options;
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

  /** Appends the first entry. */
  create(request: AppendRequest, admitted: Admitted, earlier: Promise<Appended | null>): Promise<Appended> {
    return this.#append(request, earlier, () => {
      if (this.#ahead !== null) throw new ProtocolError('entry-refused', 'This very room exists: use another nonce.');
      return admitted;
    });
  }

  /**
   * Appends an entry, unless it is known where it went `earlier`. Takes its place in order at once. `permit` is asked
   * last, about an entry that may be appended as far as the room goes, and throws when it may not.
   */
  append(
    request: AppendRequest,
    earlier: Promise<Appended | null>,
    permit: (admitted: Admitted) => void,
  ): Promise<Appended> {
    return this.#append(request, earlier, () => {
      if (this.#ahead === null) throw new ProtocolError('unknown-room', 'There is no such room: look it up by name.');
      const admitted = admit(this.#ahead, request);
      permit(admitted);
      return admitted;
    });
  }

  /** Calls the listener from the next entry on; the function that comes back ends that. */
  listen(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #append(
    { author, cid, entry }: AppendRequest,
    earlier: Promise<Appended | null>,
    admission: () => Admitted,
  ): Promise<Appended> {
    // Wrapped, as a promise within a promise would make the next step wait for the store.
    const { outcome } = await this.#turns.take(async () => {
      const found = await earlier;
      if (found !== null) return { outcome: Promise.resolve(found) };
      await this.#load();
      const seq = (this.#ahead?.head ?? 0) + 1;
      const at = this.#options.clock();
      const { hash, change } = admission();
      return { outcome: this.#hand({ room: this.id, seq, at, hash, entry, author: author.user, cid, change }) };
    });
    return outcome;
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
      for (const listener of this.#listeners) listener.entry({ seq, at, hash, entry });
      for (const listener of this.#listeners) listener.state(after);
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
    const missed = this.#durable !== null && state !== null ? await this.#read(this.#durable.head, state.head) : [];

    this.#durable = state;
    this.#ahead = state;
    this.#published = Promise.resolve();
    this.#loaded = true;
    for (const entry of missed) {
      for (const listener of this.#listeners) listener.entry(entry);
    }
    if (state !== null) for (const listener of this.#listeners) listener.state(state);
  }

  async #read(after: number, head: number): Promise<readonly StoredEntry[]> {
    const entries: StoredEntry[] = [];
    for (let at = after; at < head; at = entries.at(-1)?.seq ?? head) {
      entries.push(...(await this.#options.store.read(this.id, at, Math.min(page.entries, head - at), page.bytes)));
    }
    return entries;
  }
}
