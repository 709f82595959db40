/**
 * Reads what was sent before the user joined, in a room whose history is for all. The log is read twice: first up to the latest key,
 * from which the earlier keys follow; then again from the first entry with all keys, and with all checks.
 */

import type { RoomId } from '@chat/protocol';
import {
  currentSecret,
  emptyRoom,
  eraseOldSecrets,
  isPresent,
  isReadMessage,
  type RoomEvent,
  type RoomState,
  recoverPastSecrets,
} from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

/** Returns the name under which the messages of a second reading are kept until its end, if there are some of the room from before. */
export const nameOfSecondReading = (roomId: RoomId): string => `${roomId} again`;

/** The room whose history is read. */
export interface ReplayedRoom {
  readonly state: RoomState;
  readonly stored: StoredRoom;
  keep(changed: Partial<StoredRoom>): void;
  disconnected(): void;
  subscribe(): Promise<void>;
}

/** Reads the history of one room. */
export class HistoryReplay {
  readonly #context: ClientContext;
  readonly #room: ReplayedRoom;
  /** Violations that the first reading reported. */
  readonly #reported = new Set<string>();

  constructor(context: ClientContext, room: ReplayedRoom) {
    this.#context = context;
    this.#room = room;
  }

  /** True if the second reading is to begin: the user is a member, and the client has the latest key. */
  get due(): boolean {
    const { state, stored } = this.#room;
    return stored.replay === 'due' && isPresent(state) && currentSecret(state) !== null;
  }

  /** Begins the second reading. The state from which it starts is stored first, because it contains the secrets. */
  async begin(): Promise<void> {
    const { crypto, messages, request, save } = this.#context;
    const { state, stored } = this.#room;
    if (!this.due) return;
    // No entry of the first reading may arrive after the second one has begun.
    await request('unsubscribe', { room: state.room });
    this.#room.disconnected();
    const { room, me, authorities, serverId = '', head, members } = state;
    const since = (members.get(me)?.readsFrom ?? 1) - 1;
    const { secrets } = recoverPastSecrets(state, crypto);
    const fresh = emptyRoom(room, me, { asked: stored.name, authorities, serverId, since, secrets });
    // What an earlier second reading has found, which was interrupted.
    await this.#bringTogether();
    // The server may not have any more what the client has kept of an earlier stay.
    const apart = messages.has(room) || undefined;
    this.#room.keep({ state: fresh, replay: head.seq, apart });
    await save();
    await this.#room.subscribe();
  }

  /** To be called when the log was read up to its latest entry. Erases the keys of the past, which are not needed any more. */
  end(): void {
    const { state, stored } = this.#room;
    if (typeof stored.replay === 'number') {
      this.#room.keep({ replay: undefined, apart: undefined, state: eraseOldSecrets(state) });
      this.#context.saveSoon();
    }
    // What cannot be read now is brought together on the next connection.
    void this.#bringTogether().catch(() => undefined);
  }

  /** The name under which messages are kept that are read now. */
  get name(): string {
    const { state, stored } = this.#room;
    return stored.apart === true ? nameOfSecondReading(state.room) : state.room;
  }

  /** Adds what the second reading has found to the messages of before. */
  async #bringTogether(): Promise<void> {
    const { messages, saveSoon } = this.#context;
    const { room } = this.#room.state;
    if (!messages.has(nameOfSecondReading(room))) return;
    await messages.merge(nameOfSecondReading(room), room);
    saveSoon();
  }

  /**
   * Selects the events to emit. For positions before the join it selects violations and, in the second reading, messages. The
   * second reading repeats nothing that the first one has emitted.
   */
  select(events: readonly RoomEvent[]): readonly RoomEvent[] {
    const { replay } = this.#room.stored;
    const { since } = this.#room.state;
    return events.filter((event) => {
      if (event.kind === 'violation') return replay === undefined || this.#isNew(`${event.code} ${event.seq}`);
      if (event.kind === 'gap' && event.stops) return true;
      if (replay === undefined) return event.seq > since;
      if (isReadMessage(event) || event.kind === 'gap') return replay !== 'due';
      if (event.kind === 'unreadable') return replay !== 'due' && event.seq > since;
      return event.seq > (replay === 'due' ? since : replay);
    });
  }

  #isNew(violation: string): boolean {
    const isNew = !this.#reported.has(violation);
    this.#reported.add(violation);
    return isNew;
  }
}
