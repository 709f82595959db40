/** The rooms of a server: those in use are in memory, each once. */
import {
  limits,
  ProtocolError,
  type ResultOf,
  type RoomId,
  type RoomName,
  type RoomSummary,
  type UserName,
} from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import type { Appended, Room } from '../ports/room-store.ts';
import { type AppendRequest, admitCreate } from './append-rules.ts';
import { wasRemoved } from './decision-rules.ts';
import { Quota } from './quota.ts';
import { Repeats } from './repeats.ts';
import { RoomLog, type RoomLogOptions } from './room-log.ts';
import type { BucketSize } from './token-bucket.ts';

export interface RoomsOptions extends RoomLogOptions {
  readonly limits: Pick<ServerLimits, 'roomsCreatedPerHour' | 'joinsPerHour' | 'joinsPerMinute' | 'joinBurst'>;
}

interface OpenRoom {
  readonly log: RoomLog;
  uses: number;
}

const hourly = (count: number): BucketSize => ({ perSecond: count / 3_600, burst: count });

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #repeats: Repeats;
  readonly #created: Quota;
  readonly #joined: Quota;
  /** By user and room. */
  readonly #joinedRoom: Quota;
  readonly #open = new Map<RoomId, OpenRoom>();

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#repeats = new Repeats(options.store);
    const { roomsCreatedPerHour, joinsPerHour, joinsPerMinute, joinBurst } = options.limits;
    this.#created = new Quota(hourly(roomsCreatedPerHour));
    this.#joined = new Quota(hourly(joinsPerHour));
    this.#joinedRoom = new Quota({ perSecond: joinsPerMinute / 60, burst: joinBurst });
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
    return this.#once(request, room, (log, earlier) => {
      const counted = earlier.then((found) => {
        if (found === null) this.#countCreation(request.author.user);
        return found;
      });
      counted.catch(() => {});
      return log.create(request, admitted, counted);
    });
  }

  /** Appends to a room that exists. Takes its place among this room's requests at once. */
  async append(room: RoomId, request: AppendRequest): Promise<Appended> {
    return this.#once(request, room, (log, earlier) =>
      log.append(request, earlier, ({ change }) => {
        if (change?.kind === 'join') this.#countJoin(request.author.user, room);
      }),
    );
  }

  /** Runs `work` with the room after all that was asked of it before. Throws `not-a-member`, `removed`. */
  async asMember<T>(room: RoomId, user: UserName, work: (state: Room) => T | Promise<T>): Promise<T> {
    return this.use(room, async (log) => {
      await log.settled();
      // Looked at only now: between the promise and here, entries may have been published that change it.
      const { state } = log;
      if (state?.removed.some((removal) => removal.user === user)) throw wasRemoved();
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
    const { createdAt, head } = state;
    return { room: state.room, name, members: state.members.length, joined, createdAt, head };
  }

  /** A page of the open rooms by name, and whether there are more. */
  async list(after: RoomName | null, asker: UserName): Promise<{ rooms: RoomSummary[]; more: boolean }> {
    const { store } = this.#options;
    const [rows, own] = await Promise.all([store.list(after, limits.roomsPerPage + 1), store.roomsOf(asker)]);
    const joined = new Set(own);
    const rooms = rows.slice(0, limits.roomsPerPage).map((row) => ({ ...row, joined: joined.has(row.room) }));
    return { rooms, more: rows.length > limits.roomsPerPage };
  }

  async #once(
    { author, cid }: AppendRequest,
    room: RoomId,
    work: (log: RoomLog, earlier: Promise<Appended | null>) => Promise<Appended>,
  ): Promise<Appended> {
    const appended = await this.#repeats.once(author.user, cid, (earlier) =>
      this.use(room, (log) => work(log, earlier)),
    );
    if (appended.room !== room) {
      throw new ProtocolError('malformed-request', 'cid: it was used for another room before; choose a new one.');
    }
    return appended;
  }

  #countCreation(user: UserName): void {
    if (!this.#created.take(user, this.#options.clock())) {
      const most = this.#options.limits.roomsCreatedPerHour;
      throw new ProtocolError('limit-reached', `You may create ${most} rooms an hour: wait before creating another.`);
    }
  }

  /** A leave stops a room's talk until its key has changed. None can be refused, so who leaves may not be back at once. */
  #countJoin(user: UserName, room: RoomId): void {
    const now = this.#options.clock();
    if (!this.#joinedRoom.take(`${user} ${room}`, now)) {
      throw new ProtocolError('limit-reached', 'You have joined and left this room too often: wait a minute.');
    }
    if (!this.#joined.take(user, now)) {
      const most = this.#options.limits.joinsPerHour;
      throw new ProtocolError('limit-reached', `You may join ${most} rooms an hour: wait before joining another.`);
    }
  }
}
