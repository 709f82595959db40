/**
 * What was said before this user came, in a room whose history is for all. The log is read twice: first as far as the
 * latest key, which leads back to those before it; then again from the beginning with all of them, every check as always.
 */
import {
  currentSecret,
  emptyRoom,
  eraseOldSecrets,
  isPresent,
  type RoomEvent,
  type RoomState,
  recoverPastSecrets,
} from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

export interface ReplayedRoom {
  readonly state: RoomState;
  readonly stored: StoredRoom;
  keep(changed: Partial<StoredRoom>): void;
  disconnected(): void;
  subscribe(): Promise<void>;
}

export class HistoryReplay {
  readonly #context: ClientContext;
  readonly #room: ReplayedRoom;
  /** Breaches that were told in the first reading. */
  readonly #told = new Set<string>();

  constructor(context: ClientContext, room: ReplayedRoom) {
    this.#context = context;
    this.#room = room;
  }

  /** Whether the first reading has come to its end: caught up, and the key is there. */
  get due(): boolean {
    const { state, stored } = this.#room;
    return stored.replay === 'due' && isPresent(state) && currentSecret(state) !== null;
  }

  /** Reads from the beginning. What it starts from is stored first: the secrets are in it. */
  async begin(): Promise<void> {
    const { crypto, request, save } = this.#context;
    const { state, stored } = this.#room;
    if (!this.due) return;
    // Nothing of the first reading may come any more when the second one has begun.
    await request('unsubscribe', { room: state.room });
    this.#room.disconnected();
    const { room, me, authority, head, members } = state;
    const since = (members[me]?.readsFrom ?? 1) - 1;
    const { secrets } = recoverPastSecrets(state, crypto);
    const fresh = emptyRoom(room, me, { asked: stored.name, authority, since, secrets });
    this.#room.keep({ state: fresh, recent: [], replay: head.seq });
    await save();
    await this.#room.subscribe();
  }

  /** The log was read up to its latest entry: the keys that led here are not needed any more. */
  end(): void {
    const { state, stored } = this.#room;
    if (typeof stored.replay !== 'number') return;
    this.#room.keep({ replay: undefined, state: eraseOldSecrets(state) });
    this.#context.saveSoon();
  }

  /**
   * Which of these are to be told now. Of what happened before this user came, breaches, and in the second reading what was
   * said; that reading tells nothing else again.
   */
  toTell(events: readonly RoomEvent[]): readonly RoomEvent[] {
    const { replay } = this.#room.stored;
    const { since } = this.#room.state;
    return events.filter((event) => {
      if (event.kind === 'violation') return replay === undefined || this.#isNew(`${event.code} ${event.seq}`);
      if (replay === undefined) return event.seq > since;
      if (event.kind === 'message') return replay !== 'due';
      if (event.kind === 'unreadable') return replay !== 'due' && event.seq > since;
      return event.seq > (replay === 'due' ? since : replay);
    });
  }

  #isNew(breach: string): boolean {
    const isNew = !this.#told.has(breach);
    this.#told.add(breach);
    return isNew;
  }
}
