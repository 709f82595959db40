/** The rooms of a server, and the only way to them: handlers and sessions do not call the room store themselves. */
import {
  codeOf,
  type Fingerprint,
  type Identity,
  limits,
  ProtocolError,
  type RequestOf,
  type ResultOf,
  type RoomId,
  type RoomName,
  type SignedEntry,
  type SignedKnock,
  type UserName,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { accessRevokedError, type RegisteredUser, withLowS } from '../identity/registered-user.ts';
import type { ServerLimits } from '../limits/limits.ts';
import type { Directory } from '../ports/directory.ts';
import type { RetentionStore } from '../ports/retention-store.ts';
import type { Appended, Room } from '../ports/room-store.ts';
import type { NotedKey } from '../throttle/epoch-turns.ts';
import { type RoomLimits, RoomQuotas } from '../throttle/room-quotas.ts';
import { StorageGuard, type StorageLimits } from '../throttle/storage-guard.ts';
import { DamageLog } from './damage/damage-log.ts';
import { type AppendRequest, admitCreate, type CreateRequest } from './entry-rules/append-rules.ts';
import { requirePlace } from './entry-rules/invitation-rules.ts';
import { admitKnock, knockBounds, requireOwnKnock } from './entry-rules/knock-rules.ts';
import { admitRevocation, readRevocation } from './entry-rules/revocation-rules.ts';
import { pageAfter, removedError, requireMember, requireRecipient, shownTo } from './entry-rules/room-access.ts';
import { userIn } from './entry-rules/user-index.ts';
import { OpenRooms } from './open-rooms.ts';
import { IdempotentRequests } from './requests/idempotency.ts';
import { type Prefetched, prefetch, roomDeletedError } from './requests/new-entry.ts';
import { Restoration } from './restoration/restoration.ts';
import { RoomLog } from './room-log.ts';
import type { RoomLogOptions } from './room-log-options.ts';
import { started } from './serial-queue.ts';
import { StoreTrouble } from './store-trouble.ts';

/** Options of `Rooms`. */
export interface RoomsOptions extends Omit<RoomLogOptions, 'damage' | 'trouble' | 'wentOn'> {
  readonly directory: Pick<Directory, 'findAccount' | 'renewalsOf' | 'renewKey'>;
  /** Called when a member has given a renewal back, with the user's key before it. */
  readonly keyRenewed: (user: UserName, before: Fingerprint) => Promise<void>;
  readonly store: RoomLogOptions['store'] & Pick<RetentionStore, 'messageUsage' | 'messagesOf'>;
  /** Verify signatures of the server's CAs. */
  readonly authorities: readonly Verifier[];
  readonly limits: RoomLimits & StorageLimits & Pick<ServerLimits, 'roomMembers'>;
  /** Returns the free bytes of the store's disk. Default: it is not watched. */
  readonly freeBytes?: (() => Promise<number>) | undefined;
}

/** Creates rooms, appends to them, reads them and finds them, within the quotas of each user. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly damage: DamageLog;
  readonly #trouble: StoreTrouble;
  readonly #requests: IdempotentRequests;
  readonly #quotas: RoomQuotas;
  /** Refuses what the disk has no space for. */
  readonly storage: StorageGuard;
  readonly #restoration: Restoration;
  readonly #open: OpenRooms;
  /** Rooms that got a new entry since the start. */
  readonly #wentOn = new Set<RoomId>();
  /** Keys that were revoked while this server runs. */
  readonly #revokedKeys = new Set<Fingerprint>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.damage = new DamageLog(options.log);
    this.#trouble = new StoreTrouble(options.log);
    const logOptions = { ...options, damage: this.damage, trouble: this.#trouble, wentOn: this.#wentOn };
    this.#open = new OpenRooms((roomId) => new RoomLog(roomId, logOptions));
    this.#requests = new IdempotentRequests(options.store);
    this.#quotas = new RoomQuotas(options.limits, options.clock);
    this.storage = new StorageGuard(options);
    this.#restoration = new Restoration({
      ...options,
      wentOn: this.#wentOn,
      storage: this.storage,
      permitRoom: (user) => {
        this.storage.permitRoom();
        this.#quotas.countCreation(user);
      },
      announce: (roomId, restored) => void this.use(roomId, async (log) => log.announce(restored)),
    });
  }

  /** Runs `work` and holds the room in memory meanwhile. */
  use<T>(roomId: RoomId, work: (log: RoomLog) => Promise<T>): Promise<T> {
    const { log, release } = this.hold(roomId);
    return started(() => work(log), release);
  }

  /** Holds a room in memory until `release` is called, which MUST happen once. */
  hold(roomId: RoomId): { log: RoomLog; release: () => void } {
    return this.#open.hold(roomId);
  }

  /**
   * Creates a room with its first entry. Joins the room's queue synchronously, so requests run in call order.
   *
   * @throws ProtocolError `entry-refused`, `room-name-taken`, `limit-reached`, `storage-full`, `access-revoked`, `internal`
   */
  async create(request: CreateRequest): Promise<ResultOf<'create-room'>> {
    const { room, ...admitted } = admitCreate(request);
    const permit = () => {
      this.#requireNotRevoked(request.author);
      this.storage.permitRoom();
      this.#quotas.countCreation(request.author.user);
    };
    return this.#once(request, room, (log, prefetched) => log.create(request, prefetched, { admitted, permit }));
  }

  /**
   * Appends an entry to an existing room. Joins the room's queue synchronously, so requests run in call order, but not while a
   * member gives the room's lost entries back.
   *
   * @throws ProtocolError with the code of the violated rule, `limit-reached`, `storage-full`, `room-storage-full`,
   *   `access-revoked`, `internal`
   */
  append(roomId: RoomId, request: AppendRequest): Promise<ResultOf<'append'>> {
    const pause = this.#restoration.pauseOf(roomId);
    if (pause !== null) return pause.then(() => this.append(roomId, request));
    const { author } = request;
    return this.#once(request, roomId, (log, prefetched) =>
      log.append(request, prefetched, (admitted, leavesOut) => {
        this.#requireNotRevoked(author);
        if (admitted.change?.kind === 'invite') this.#requireNotRevoked(admitted.change);
        requirePlace(log.ahead, admitted.change, this.#options.limits.roomMembers);
        this.#quotas.countEntry(author.user, roomId, { ...admitted, leavesOut, othersThan: log.othersThan });
        this.storage.permit(request.entry, author.user, roomId);
      }),
    );
  }

  /**
   * Appends entries that a user gives back, as `Restoration.restore` does.
   *
   * @throws ProtocolError with the code of the rule that an entry violates, `other-log`, `not-a-member`, `removed`,
   *   `unknown-room`, `limit-reached`, `storage-full`
   */
  restore(request: RequestOf<'restore-entries'>, user: RegisteredUser): Promise<ResultOf<'restore-entries'>> {
    return this.use(request.room, (log) => this.#restoration.restore(log, request, user));
  }

  /** To be called when messages of a room were deleted: what is stored is counted anew. */
  messagesDeleted(roomId: RoomId): void {
    this.storage.forget(roomId);
  }

  /**
   * Appends a `revoke` entry that the server's authority has signed.
   *
   * @returns null when the room is closed or unknown, or when the key is revoked in it already
   * @throws ProtocolError `entry-refused`
   */
  async appendRevoke(roomId: RoomId, entry: SignedEntry): Promise<Appended | null> {
    const revocation = readRevocation(roomId, entry, this.#options.authorities);
    const pause = this.#restoration.pauseOf(roomId);
    if (pause !== null) await pause;
    return this.use(roomId, (log) => log.appendOwn(entry, (state) => state && admitRevocation(state, revocation)));
  }

  /**
   * Refuses from now on every entry that this key signs, and every invitation of it. Once earlier requests have `settled`, the
   * store knows all rooms in which the key is a member or invited; no room is added later.
   */
  markRevoked(fingerprint: Fingerprint): void {
    this.#revokedKeys.add(fingerprint);
  }

  /** Resolves when every request that was made before is in the store or refused, in all rooms. */
  async settled(): Promise<void> {
    await Promise.all(this.#open.used.map((log) => log.settled()));
  }

  /**
   * Stores a knock and notifies the members who follow the room.
   *
   * @throws ProtocolError `entry-refused`, `unknown-room`, `limit-reached`, and as `admitKnock` does
   */
  async knock(roomId: RoomId, knock: SignedKnock, user: RegisteredUser): Promise<void> {
    requireOwnKnock(roomId, knock, user);
    await this.use(roomId, (log) =>
      log.knock(user.user, knock, (state) => {
        admitKnock(state, user, this.#options.clock());
        this.#requireNotRevoked(user);
        this.#quotas.countKnock(user.user, roomId);
      }),
    );
  }

  /** Returns the knocks at a room, the oldest first. */
  async knocksAt(roomId: RoomId): Promise<readonly SignedKnock[]> {
    const knocks = await this.#options.store.knocksAt(roomId, knockBounds(this.#options.clock()));
    return knocks.map((knock) => ({ ...knock, signature: withLowS(knock.signature) }));
  }

  /** Ends a user's knock at a room; refuses with `no-knock` when none waits. */
  async dismissKnock(roomId: RoomId, user: UserName): Promise<void> {
    if (!(await this.#options.store.dismissKnock(roomId, user, knockBounds(this.#options.clock()))))
      throw new ProtocolError('no-knock', `No knock of ${user} waits at this room: list the knocks.`);
  }

  /** Deletes a room for good, and informs its followers. Returns false when there is none. */
  delete(roomId: RoomId): Promise<boolean> {
    return this.use(roomId, (log) => log.delete()).finally(() => this.storage.forget(roomId));
  }

  /** Returns the rooms at which this user's knocks wait. */
  async knocksOf(user: UserName): Promise<RoomId[]> {
    return [...(await this.#options.store.knocksOf(user, knockBounds(this.#options.clock())))];
  }

  /** Notes that a member lacks the key of an epoch by its own word, or has been given it. */
  noteKey(roomId: RoomId, key: NotedKey): void {
    this.#quotas.noteKey(roomId, key);
  }

  /**
   * Runs `work` with the room's state after all requests that were made before.
   *
   * @throws ProtocolError `not-a-member`, `removed`, `room-deleted`
   */
  asMember<T>(roomId: RoomId, user: UserName, work: (state: Room) => T | Promise<T>): Promise<T> {
    return this.#withState(roomId, user, (state) => work(requireMember(state, user)));
  }

  /** Does what `asMember` does, for an invited user, too, who receives the room's keys already. */
  asRecipient<T>(roomId: RoomId, who: Identity, work: () => T | Promise<T>): Promise<T> {
    return this.#withState(roomId, who.user, (state) => {
      requireRecipient(state, who);
      return work();
    });
  }

  /**
   * Looks up the room of this name, unless it is closed, for a user, as `shownTo` does.
   *
   * @throws ProtocolError `unknown-room`, also for a direct room of others; `removed`
   */
  async find(name: RoomName, asker: UserName): Promise<ResultOf<'find-room'>> {
    const found = await this.#options.store.findRoom(name, asker);
    return shownTo(asker, name, { found, now: this.#options.clock() });
  }

  /** Returns a page of the rooms that this user may see, ordered by name, and whether there are more. */
  async list(after: RoomName | null, asker: UserName): Promise<ResultOf<'list-rooms'>> {
    const rows = await this.#options.store.list(asker, pageAfter(after, this.#options.clock()));
    return { rooms: rows.slice(0, limits.roomsPerPage), more: rows.length > limits.roomsPerPage };
  }

  /** Returns a page of the user's open invitations, ordered by room name, and whether there are more. */
  async invitations(after: RoomName | null, asker: UserName): Promise<ResultOf<'list-invitations'>> {
    const rows = await this.#options.store.invitationsOf(asker, pageAfter(after, this.#options.clock()));
    return { invitations: rows.slice(0, limits.roomsPerPage), more: rows.length > limits.roomsPerPage };
  }

  #once(
    request: CreateRequest,
    roomId: RoomId,
    work: (log: RoomLog, prefetched: Promise<Prefetched> | null) => Promise<Appended>,
  ): Promise<ResultOf<'append'>> {
    const carriedOut = this.#requests.once(request, (earlier) => {
      const { directory } = this.#options;
      const prefetched = prefetch(request.entry, { earlier, directory, ready: this.storage.ready(roomId) });
      const { log, release } = this.hold(roomId);
      return started(
        () => work(log, prefetched),
        (error) => {
          release();
          // It is unknown what was stored of what was counted.
          if (codeOf(error) === 'internal') this.storage.forget(roomId);
        },
      );
    });
    return carriedOut.then(({ room, seq, at }) => {
      if (room === roomId) return { seq, at };
      throw new ProtocolError('malformed-request', 'cid: was used for another room before; choose a new one.');
    });
  }

  #withState<T>(roomId: RoomId, user: UserName, work: (state: Room | null) => T | Promise<T>): Promise<T> {
    return this.use(roomId, async (log) => {
      await log.settled();
      // Read only now: entries may have been published since the promise was settled.
      const { state } = log;
      if (state !== null && userIn(state.removed, user) !== undefined) throw removedError(user);
      if (log.isDeleted) throw roomDeletedError();
      return work(state);
    });
  }

  #requireNotRevoked({ user, fingerprint }: Identity): void {
    if (this.#revokedKeys.has(fingerprint)) throw accessRevokedError(user);
  }
}
