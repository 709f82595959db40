/** The rooms of a server: those in use are in memory, each once. */
import {
  type Fingerprint,
  type Identity,
  limits,
  ProtocolError,
  parsePayload,
  type ResultOf,
  type RoomId,
  type RoomName,
  type SignedEntry,
  type SignedKnock,
  type UserName,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { accessRevokedError, type RegisteredUser } from '../identity/registered-user.ts';
import type { Account, Directory } from '../ports/directory.ts';
import type { Appended, Room } from '../ports/room-store.ts';
import { type RoomLimits, RoomQuotas } from '../throttle/room-quotas.ts';
import { type AppendRequest, admitCreate } from './entry-rules/append-rules.ts';
import { admitKnock, requireOwnKnock } from './entry-rules/knock-rules.ts';
import { admitRevocation, readRevocation } from './entry-rules/revocation-rules.ts';
import { removedError } from './entry-rules/room-access.ts';
import { IdempotentRequests } from './idempotency.ts';
import { type Beforehand, RoomLog, type RoomLogOptions } from './room-log.ts';

export interface RoomsOptions extends RoomLogOptions {
  readonly directory: Pick<Directory, 'findAccount'>;
  /** Verifies what the server's CA has signed. */
  readonly authority: Verifier;
  readonly limits: RoomLimits;
}

interface OpenRoom {
  readonly log: RoomLog;
  uses: number;
}

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #repeats: IdempotentRequests;
  readonly #quotas: RoomQuotas;
  readonly #open = new Map<RoomId, OpenRoom>();
  /** Whose access was taken away while this server runs. */
  readonly #revokedKeys = new Set<Fingerprint>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#repeats = new IdempotentRequests(options.store);
    this.#quotas = new RoomQuotas(options.limits, options.clock);
  }

  /** Keeps a room in memory while `work` runs. */
  async use<T>(room: RoomId, work: (log: RoomLog) => Promise<T>): Promise<T> {
    const { log, release } = this.hold(room);
    try {
      return await work(log);
    } finally {
      release();
    }
  }

  /** Keeps a room in memory until it is released, which MUST happen once. */
  hold(room: RoomId): { log: RoomLog; release: () => void } {
    const open = this.#open.get(room) ?? { log: new RoomLog(room, this.#options), uses: 0 };
    open.uses += 1;
    this.#open.set(room, open);
    const release = () => {
      open.uses -= 1;
      if (open.uses === 0) this.#open.delete(room);
    };
    return { log: open.log, release };
  }

  /** Starts a room with its first entry. Takes its place among this room's requests at once. */
  async create(request: AppendRequest): Promise<Appended> {
    const { room, ...admitted } = admitCreate(request);
    const { author } = request;
    return this.#once(request, room, (log, beforehand) =>
      log.create(request, admitted, beforehand, () => {
        this.#requireNotRevoked(author);
        this.#quotas.countCreation(author.user);
      }),
    );
  }

  /** Appends to a room that exists. Takes its place among this room's requests at once. */
  async append(room: RoomId, request: AppendRequest): Promise<Appended> {
    const { author } = request;
    return this.#once(request, room, (log, beforehand) =>
      log.append(request, beforehand, ({ change }) => {
        this.#requireNotRevoked(author);
        if (change?.kind === 'invite') {
          this.#requireNotRevoked(change);
          this.#quotas.countInvite(author.user);
        }
        if (change?.kind === 'join') this.#quotas.countJoin(author.user, room);
      }),
    );
  }

  /**
   * Appends a `revoke` that the server's authority has signed. Null when there is nothing to take out: the room is closed
   * or not there, or the key was revoked in it before. Throws `entry-refused`.
   */
  async revoke(room: RoomId, entry: SignedEntry): Promise<Appended | null> {
    const concerned = readRevocation(room, entry, this.#options.authority);
    return this.use(room, (log) => log.appendOwn(entry, (state) => state && admitRevocation(state, concerned)));
  }

  /**
   * From now on nothing that this key signs is appended, and it is not invited: once what was asked before has `settled`,
   * whoever looks where it is in, or invited to, finds all rooms in which it will ever be.
   */
  markRevoked(fingerprint: Fingerprint): void {
    this.#revokedKeys.add(fingerprint);
  }

  /** Resolves when the store has everything that was asked of any room before now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ log }) => log.settled()));
  }

  /** Keeps somebody's wish to be let in and tells who follows the room. */
  async knock(room: RoomId, knock: SignedKnock, person: RegisteredUser): Promise<void> {
    requireOwnKnock(room, knock, person);
    await this.use(room, (log) =>
      log.knock(person.user, knock, (state) => {
        admitKnock(state, person);
        this.#requireNotRevoked(person);
        this.#quotas.countKnock(person.user);
      }),
    );
  }

  /** Runs `work` with the room after all that was asked of it before. Throws `not-a-member`, `removed`. */
  async asMember<T>(room: RoomId, user: UserName, work: (state: Room) => T | Promise<T>): Promise<T> {
    return this.use(room, async (log) => {
      await log.settled();
      // Looked at only now: between the promise and here, entries may have been published that change it.
      const { state } = log;
      if (state?.removed.some((removal) => removal.user === user)) throw removedError(user);
      if (state === null || !state.members.some((member) => member.user === user)) {
        throw new ProtocolError('not-a-member', 'You are not in this room: join it first.');
      }
      return work(state);
    });
  }

  /** The open room of this name. Throws `unknown-room`. */
  async find(name: RoomName, asker: UserName): Promise<ResultOf<'find-room'>> {
    const { store } = this.#options;
    const room = await store.findByName(name);
    const state = room === null ? null : await store.load(room);
    // Between the two look-ups the room may have closed.
    if (state === null || state.name === null) {
      throw new ProtocolError('unknown-room', `No room is called ${name}: list the rooms, or create one of that name.`);
    }
    const joined = state.members.some((member) => member.user === asker);
    const invitedAt = state.invited.find(({ user }) => user === asker)?.seq ?? null;
    const { policy, createdAt, head } = state;
    return { room: state.room, name, members: state.members.length, joined, policy, createdAt, head, invitedAt };
  }

  /** A page of the rooms that this user may know of, by name, and whether there are more. */
  async list(after: RoomName | null, asker: UserName): Promise<ResultOf<'list-rooms'>> {
    const rows = await this.#options.store.list(asker, after, limits.roomsPerPage + 1);
    return { rooms: rows.slice(0, limits.roomsPerPage), more: rows.length > limits.roomsPerPage };
  }

  /** A page of the rooms that wait for this user to join, by name, and whether there are more. */
  async invitations(after: RoomName | null, asker: UserName): Promise<ResultOf<'list-invitations'>> {
    const rows = await this.#options.store.invitationsOf(asker, after, limits.roomsPerPage + 1);
    return { invitations: rows.slice(0, limits.roomsPerPage), more: rows.length > limits.roomsPerPage };
  }

  async #once(
    { author, cid, entry }: AppendRequest,
    room: RoomId,
    work: (log: RoomLog, beforehand: Promise<Beforehand>) => Promise<Appended>,
  ): Promise<Appended> {
    const appended = await this.#repeats.once(author.user, cid, (earlier) => {
      const beforehand = Promise.all([earlier, this.#invitedBy(entry)]).then(([earlier, invited]) => ({
        earlier,
        invited,
      }));
      // It is awaited in its turn; until then its failure is nobody's yet.
      beforehand.catch(() => {});
      return this.use(room, (log) => work(log, beforehand));
    });
    if (appended.room !== room) {
      throw new ProtocolError('malformed-request', 'cid: it was used for another room before; choose a new one.');
    }
    return appended;
  }

  /** Whose account an `invite` is about. Only looked up by it: what it says counts once its signature was verified. */
  async #invitedBy({ type, payload }: SignedEntry): Promise<Account | null> {
    const invitation = type === 'invite' ? parsePayload('invite', payload) : null;
    const account = invitation === null ? null : await this.#options.directory.findAccount(invitation.user);
    return account?.revoked === null ? account : null;
  }

  #requireNotRevoked({ user, fingerprint }: Identity): void {
    if (this.#revokedKeys.has(fingerprint)) throw accessRevokedError(user);
  }
}
