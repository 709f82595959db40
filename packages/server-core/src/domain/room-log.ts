/** One room in memory, in front of the store: checks, stores, acknowledges and publishes its entries. */
import { entryHash, type RoomId, type SignedEntry, type SignedKnock, type UserName } from '@chat/protocol';
import type { Account } from '../ports/directory.ts';
import {
  type Appended,
  type Appending,
  type Room,
  type RoomChange,
  StoreConflict,
  type StoredEntry,
} from '../ports/room-store.ts';
import { type HiddenItem, type Range, readHiddenRange } from './damage/hidden-range.ts';
import { type CheckedEntry, readCheckedPage } from './damage/log-check.ts';
import { WantedEntries } from './damage/wanted-entries.ts';
import { type AdmittedEntry, type AppendRequest, admit, type CreateRequest } from './entry-rules/append-rules.ts';
import { knockBounds } from './entry-rules/knock-rules.ts';
import { LogView } from './entry-rules/log-view.ts';
import { admitAtOnce, admitReading, loadRoom, readOlderViews } from './load-room.ts';
import { anyHasPrekey } from './prekeys.ts';
import {
  appendError,
  entryOf,
  existing,
  type NewEntry,
  nothingFound,
  type Prefetched,
  roomExistsError,
} from './requests/new-entry.ts';
import { PendingAppends } from './requests/pending-appends.ts';
import type { RestorableLog, Restored } from './restoration/restorable-log.ts';
import { invitationIn, type RoomListener, RoomListeners } from './room-listener.ts';
import type { RoomLogOptions } from './room-log-options.ts';
import { advance } from './room-state.ts';
import { SerialQueue } from './serial-queue.ts';

/**
 * The log of one room. It checks entries one after another against the state after all entries before, and passes them to the
 * store without waiting for it. It acknowledges and publishes each entry, in order, only when the store has made it durable.
 * When the store fails, it is unknown which entries are stored: the log answers all pending requests with `internal`, loads the
 * room again, and then publishes the entries that were stored.
 */
export class RoomLog implements RestorableLog {
  readonly id: RoomId;
  readonly #options: RoomLogOptions;
  readonly #listeners = new RoomListeners();
  /** The positions whose rows were found damaged since the room is in memory. */
  readonly wanted = new WantedEntries();
  /** What members gave back last since the room is in memory; null when they have given nothing back. */
  restored: Restored | null = null;
  /** True when the operator has deleted the room. */
  isDeleted = false;
  /** State after the latest entry that is durable. */
  #durable: Room | null = null;
  /** State after the latest entry that was passed to the store. */
  #ahead: Room | null = null;
  /** Log hashes that belong to `#ahead`. */
  #view: LogView;
  #loaded = false;
  /** Checks entries one after another. */
  readonly #queue = new SerialQueue();
  /** Entries that are not durable yet. Until the store has answered for all, the room must stay in memory, so that no second `RoomLog` opens. */
  readonly #pending = new PendingAppends((error) => this.#drop(error));

  constructor(id: RoomId, options: RoomLogOptions) {
    this.id = id;
    this.#options = options;
    this.#view = new LogView(id, 0, []);
  }

  /** State after the latest durable entry: readers may read up to there. Null before `settled`, and for an unknown room. */
  get state(): Room | null {
    return this.#durable;
  }

  /** State after the latest entry, durable or not. */
  get ahead(): Room | null {
    return this.#ahead;
  }

  /** True when the room may stay in memory although it is not in use. */
  get mayStay(): boolean {
    return this.#loaded && this.#durable !== null && this.restored === null;
  }

  /** Resolves when `state` includes every request that was made before this call. */
  async settled(): Promise<void> {
    await this.#queue.run(() => this.#load());
    await this.#pending.settled();
  }

  /**
   * Appends the first entry, unless the prefetched data says that it was appended before. Takes its place in order at once.
   *
   * @param permit is called last, for an entry that may be appended; it throws to refuse it
   */
  create(
    request: CreateRequest,
    prefetched: Promise<Prefetched> | null,
    { admitted, permit }: { readonly admitted: AdmittedEntry; readonly permit: () => void },
  ): Promise<Appended> {
    return this.#append(entryOf(request), prefetched, (ahead) => {
      if (ahead !== null || this.isDeleted) throw roomExistsError();
      permit();
      return admitted;
    });
  }

  /**
   * Appends an entry, unless the prefetched data says that it was appended before. Takes its place in order at once.
   *
   * @param permit is called last, for an entry that the room's rules admit, and for an epoch with whether it leaves out a user
   * whose prekey the server has; it throws to refuse the entry
   */
  append(
    request: AppendRequest,
    prefetched: Promise<Prefetched> | null,
    permit: (admitted: AdmittedEntry, leavesOut: boolean) => void,
  ): Promise<Appended> {
    const admitNow = (invitedAccount: Account | null): AdmittedEntry => {
      const { judgeChain, clock } = this.#options;
      const state = existing(this.#ahead, this.isDeleted);
      return admit({ state, view: this.#view, judgeChain, invitedAccount, now: clock() }, request);
    };
    const isReady = prefetched === null && this.#loaded && this.#queue.isIdle;
    if (isReady && request.entry.type === 'message') {
      const admitted = admitAtOnce(this.#view, () => admitNow(null));
      if (admitted !== null) {
        permit(admitted, false);
        return this.#place(entryOf(request), admitted);
      }
    }
    return this.#append(entryOf(request), prefetched, async (_, { invitedAccount }) => {
      const admitted = await this.#admit(() => admitNow(invitedAccount));
      permit(admitted, await anyHasPrekey(this.#options, admitted.leftOut ?? []));
      return admitted;
    });
  }

  /** Appends an entry of the server with the effect that `changeOf` computes; null for both when nothing is appended. */
  async appendOwn(entry: SignedEntry, changeOf: (state: Room | null) => RoomChange | null): Promise<Appended | null> {
    return this.appendRestored({ entry }, (ahead) => {
      const change = changeOf(ahead);
      return change === null ? null : { hash: entryHash(entry), change };
    });
  }

  readonly hashAt = (seq: number): string | null => this.#view.hashAt(seq);

  /** Informs the members who follow the room of entries that members have given back. */
  announce(restored: Restored): void {
    this.restored = restored;
    this.#options.log.warn({ room: this.id, ...restored }, 'members gave back entries that this server did not have');
    this.#listeners.restored(restored);
  }

  /** Appends an entry that members give back, at its time. Returns null, and appends nothing, when `admission` returns null. */
  async appendRestored(
    given: Pick<NewEntry, 'at' | 'entry'>,
    admission: (ahead: Room | null, view: LogView) => AdmittedEntry | null,
  ): Promise<Appended | null> {
    const { outcome } = await this.#queue.run(async () => {
      await this.#load();
      const admitted = await this.#admit(() => admission(this.#ahead, this.#view));
      if (admitted === null) return { outcome: null };
      const newEntry = { ...given, author: null, cid: admitted.hash.slice(0, 32) };
      return { outcome: this.#place(newEntry, admitted) };
    });
    return outcome;
  }

  /** Stores a knock, in order with the entries. `permit` throws when this user may not knock. */
  async knock(user: UserName, knock: SignedKnock, permit: (state: Room) => void): Promise<void> {
    const { outcome } = await this.#queue.run(async () => {
      await this.#load();
      permit(existing(this.#ahead, this.isDeleted));
      return { outcome: this.#options.store.putKnock(this.id, user, knock, knockBounds(this.#options.clock())) };
    });
    // The user learns only that the knock waits, whether it was dismissed or not.
    if (await outcome) this.#listeners.knock(knock);
  }

  /** Deletes the room for good, in order with the requests. Returns false when there is none. */
  delete(): Promise<boolean> {
    return this.#queue.run(async () => {
      await this.#pending.settled();
      const isDeleted = await this.#options.store.deleteRoom(this.id);
      [this.#durable, this.#loaded] = [null, false];
      await this.#load();
      if (isDeleted) this.#listeners.deleted();
      return isDeleted;
    });
  }

  /** Returns how many other users follow the room now. */
  readonly othersThan = (user: UserName): number => this.#listeners.othersThan(user);

  /** Calls the listener from the next entry on. The returned function removes it. */
  listen(listener: RoomListener): () => void {
    return this.#listeners.add(listener);
  }

  /** Reads entries after a position, up to and including `last`, as `readCheckedPage` does. */
  async readPage(after: number, last: number): Promise<readonly CheckedEntry[]> {
    const items = await readCheckedPage(this.id, { after, last }, this.#options);
    this.#listeners.wanted(this.wanted.note(items));
    return items;
  }

  /** Reads a part of the log as `readHiddenRange` does. */
  readHidden(range: Range): Promise<readonly HiddenItem[]> {
    const readPage = (after: number, last: number) => this.readPage(after, last);
    return readHiddenRange(this.id, range, { store: this.#options.store, readPage });
  }

  async repair(entry: StoredEntry): Promise<void> {
    await this.#queue.run(() => this.#options.store.repair(this.id, entry));
    this.wanted.repaired(entry.seq);
  }

  async #append(
    newEntry: NewEntry,
    prefetched: Promise<Prefetched> | null,
    admission: (ahead: Room | null, known: Prefetched) => AdmittedEntry | Promise<AdmittedEntry>,
  ): Promise<Appended> {
    // Inside an object: if the step returned the promise itself, the next step would wait for the store.
    const { outcome } = await this.#queue.run(async () => {
      const known = (await prefetched) ?? nothingFound;
      if (known.earlier !== null) return { outcome: Promise.resolve(known.earlier) };
      await this.#load();
      const admitted = await admission(this.#ahead, known);
      return { outcome: this.#place(newEntry, admitted) };
    });
    return outcome;
  }

  #admit<T>(admission: () => T): Promise<T> {
    return admitReading(this.#view, () => readOlderViews(this.id, this.#options, this.#view), admission);
  }

  #place({ author, cid, entry, at }: NewEntry, { hash, change }: AdmittedEntry): Promise<Appended> {
    if (at === undefined) this.#options.wentOn.add(this.id);
    const seq = (this.#ahead?.head ?? 0) + 1;
    const logHash = this.#view.add(entry.type, hash);
    const time = at ?? this.#options.clock();
    return this.#store({ room: this.id, seq, at: time, hash, logHash, entry, author, cid, change });
  }

  #store(appending: Appending): Promise<Appended> {
    const { room, seq, at, change } = appending;
    const after = advance(this.#ahead, appending);
    this.#ahead = after;

    return this.#pending.add(this.#options.store.append(appending), {
      publish: () => {
        this.#durable = after;
        this.#options.trouble.worked();
        if (change?.kind === 'epoch') this.#listeners.wraps(change.sheets, after);
        this.#publish(appending, after);
        this.#listeners.state(after);
        return { room, seq, at };
      },
      errorOf: (error) => appendError(error, change),
    });
  }

  #publish(entry: CheckedEntry, after: Room): void {
    this.#listeners.entry(entry);
    const notice = 'entry' in entry ? invitationIn(entry.entry, after) : null;
    if (notice !== null) this.#options.invited(notice.user, notice.notice);
  }

  #drop(error: unknown): void {
    if (!this.#loaded) return;
    this.#loaded = false;
    if (error instanceof StoreConflict)
      this.#options.log.debug({ room: this.id, code: error.code }, 'the store refused an entry');
    else this.#options.trouble.failed(error);
    this.#queue
      .run(() => this.#load())
      .catch((cause: unknown) =>
        this.#options.log.error({ room: this.id, error: cause }, 'the room could not be loaded: a request tries again'),
      );
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    // A pending append could still change what the store has.
    await this.#pending.answered();
    const { state, view, missed, isDeleted } = await loadRoom(this.id, this.#options, this.#durable?.head ?? null);
    this.#durable = state;
    this.#ahead = state;
    this.#view = view;
    this.isDeleted = isDeleted;
    this.#loaded = true;
    if (state === null) return;
    for (const entry of missed) this.#publish(entry, state);
    this.#listeners.state(state);
  }
}
