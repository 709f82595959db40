/** Remembers what the screen has shown, so that each event is shown once. */
import type { ClientEvent, MessageView } from '@chat/client';
import type { Fingerprint, Identity, RoomId, UserName } from '@chat/protocol';
import type { RoomClientEvent, RoomEventKind } from '../client-event.ts';

interface RoomMemory {
  /** The messages up to this position of the log have been shown, but for those whose key came late. */
  upTo: number;
  /** The positions of the messages that were shown together last. */
  together: ReadonlySet<number>;
  /** The epoch whose missing key was reported last. */
  missingEpoch: number | null;
  /** The gaps up to this position of the log have been shown. */
  gapUpTo: number;
  /** The latest violation: its code and user. */
  violation: string | null;
  /** The users who have joined and whose presence has not been reported. */
  readonly newcomers: Set<UserName>;
  /** The identity key of each knock that was shown. */
  readonly knocks: Map<UserName, Fingerprint>;
}

/** What was said, and what changes it: what is printed of before has all of that. */
const saidKinds: ReadonlySet<string> = new Set<RoomEventKind>([
  ...(['message', 'newer', 'edited', 'deleted', 'reacted', 'hidden'] as const),
]);

/** The messages and events of each room that the screen has shown, and the reported outage. */
export class Shown {
  readonly #rooms = new Map<RoomId, RoomMemory>();
  /** The reason that was reported last why there is no connection; null while there is one. */
  #outage: string | null = null;

  /** Marks the latest messages of a room as shown. */
  mark(roomId: RoomId, latest: readonly Pick<MessageView, 'seq'>[]): void {
    const memory = this.#of(roomId);
    memory.upTo = Math.max(latest.at(-1)?.seq ?? 0, memory.upTo);
    memory.together = new Set(latest.map(({ seq }) => seq));
  }

  /** Marks the reason why there is no connection as shown. */
  markOutage(reason: string): void {
    this.#outage = reason;
  }

  /** Drops what is remembered of a room. */
  forget(roomId: RoomId): void {
    this.#rooms.delete(roomId);
  }

  /** Returns true for an event that has not been shown, and marks it as shown. */
  isNew(event: ClientEvent): boolean {
    if (event.kind === 'room') return this.#isNewInRoom(event);
    if (event.kind === 'connection') {
      // That an attempt finds no server is no news after the loss of the connection.
      const isKnown =
        event.status === 'offline' &&
        this.#outage !== null &&
        (event.code === 'unreachable' || event.reason === this.#outage);
      if (!isKnown) this.#outage = event.status === 'online' ? null : event.reason;
      return !isKnown;
    }
    // The line that a user has joined also says that they are online.
    if (event.kind === 'presence' && event.online) return !this.#of(event.roomId).newcomers.delete(event.user);
    if (event.kind === 'knock') {
      const isKnown = this.knockShown(event.roomId, event.user) === event.fingerprint;
      this.markKnock(event.roomId, event);
      return !isKnown;
    }
    return true;
  }

  /** Marks a user's knock at a room as shown, with its identity key. */
  markKnock(roomId: RoomId, { user, fingerprint }: Identity): void {
    this.#of(roomId).knocks.set(user, fingerprint);
  }

  /** Returns the identity key with which a user's knock was shown; null when it was not. */
  knockShown(roomId: RoomId, user: UserName): Fingerprint | null {
    return this.#of(roomId).knocks.get(user) ?? null;
  }

  #isNewInRoom({ roomId, event, live, late }: RoomClientEvent): boolean {
    const memory = this.#of(roomId);
    if (event.kind === 'invited') memory.knocks.delete(event.user);
    if (late === true) return !memory.together.has(event.seq);
    if (saidKinds.has(event.kind)) {
      if (event.seq <= memory.upTo) return false;
      memory.upTo = event.seq;
    }
    if (event.kind === 'joined') memory.newcomers.add(event.user);
    if (event.kind === 'violation') {
      const before = memory.violation;
      memory.violation = `${event.code} ${event.user}`;
      return live || memory.violation !== before;
    }
    if (event.kind === 'gap') {
      const upTo = event.seq + Math.max(0, event.hashes.length - 1);
      if (upTo <= memory.gapUpTo) return false;
      memory.gapUpTo = upTo;
    }
    if (event.kind === 'unreadable') {
      if (memory.missingEpoch === event.epoch) return false;
      memory.missingEpoch = event.epoch;
    }
    return true;
  }

  #of(roomId: RoomId): RoomMemory {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const memory: RoomMemory = {
      upTo: 0,
      together: new Set(),
      gapUpTo: 0,
      missingEpoch: null,
      violation: null,
      newcomers: new Set(),
      knocks: new Map(),
    };
    this.#rooms.set(roomId, memory);
    return memory;
  }
}
