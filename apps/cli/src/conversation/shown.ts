/** What the person has been told already, so that nothing is missing and nothing is there twice. */
import type { ClientEvent } from '@chat/client';
import type { RoomClientEvent } from '../screen/room-event.ts';

interface RoomMemory {
  /** The log's position up to which messages have been shown. */
  upTo: number;
  /** The epoch whose missing key was told of last. */
  missingEpoch: number | null;
  /** The latest violation, as code and user. */
  violation: string | null;
  /** Who has joined and not been told to be online yet. */
  readonly newcomers: Set<string>;
  /** Who was told to wait to be let in, with their fingerprint. */
  readonly knocks: Map<string, string>;
}

export class Shown {
  readonly #rooms = new Map<string, RoomMemory>();
  /** Why there is no connection, as it was told; null while there is one. */
  #outage: string | null = null;

  /** Messages up to this position of the room's log have been shown. */
  mark(room: string, seq: number): void {
    const memory = this.#of(room);
    memory.upTo = Math.max(seq, memory.upTo);
  }

  forget(room: string): void {
    this.#rooms.delete(room);
  }

  /** Whether an event is new to the person. It counts as told afterwards. */
  isNew(event: ClientEvent): boolean {
    if (event.kind === 'room') return this.#isNewInRoom(event);
    if (event.kind === 'connection') {
      const before = this.#outage;
      this.#outage = event.status === 'online' ? null : event.reason;
      return this.#outage === null || this.#outage !== before;
    }
    // That somebody who joins is online needs no line of its own.
    if (event.kind === 'presence' && event.online) return !this.#of(event.roomId).newcomers.delete(event.user);
    if (event.kind === 'knock') {
      const { knocks } = this.#of(event.roomId);
      const isTold = knocks.get(event.user) === event.fingerprint;
      knocks.set(event.user, event.fingerprint);
      return !isTold;
    }
    return true;
  }

  #isNewInRoom({ roomId: room, event, live }: RoomClientEvent): boolean {
    const memory = this.#of(room);
    if (event.kind === 'invited') memory.knocks.delete(event.user);
    if (event.kind === 'message') {
      if (event.seq <= memory.upTo) return false;
      memory.upTo = event.seq;
    }
    if (event.kind === 'joined') memory.newcomers.add(event.user);
    if (event.kind === 'violation') {
      const before = memory.violation;
      memory.violation = `${event.code} ${event.user}`;
      return live || memory.violation !== before;
    }
    if (event.kind === 'unreadable') {
      if (memory.missingEpoch === event.epoch) return false;
      memory.missingEpoch = event.epoch;
    }
    return true;
  }

  #of(room: string): RoomMemory {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const memory: RoomMemory = {
      upTo: 0,
      missingEpoch: null,
      violation: null,
      newcomers: new Set(),
      knocks: new Map(),
    };
    this.#rooms.set(room, memory);
    return memory;
  }
}
