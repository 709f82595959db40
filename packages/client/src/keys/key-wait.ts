/**
 * Tells the user when a room waits for its next key for long, although this client may make it: the server accepts no key from
 * this client, or does not show one. Messages wait meanwhile, because no key may serve for ever.
 */
import type { RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';

/** Every member has had its turn, and a member that was refused has tried again. */
const patienceMs = 120_000;

/** The room that waits. */
export interface WaitingRoom {
  readonly roomName: string;
  readonly state: RoomState;
}

/** Watches how long one room waits for its next key. */
export class KeyWait {
  readonly #context: Pick<ClientContext, 'emit' | 'scheduler'>;
  readonly #room: WaitingRoom;
  #cancel: (() => void) | null = null;
  /** The epoch that is to be replaced. Another one ends the wait. */
  #epochNumber = 0;
  /** The epoch for whose successor the wait was reported. */
  #reported: number | null = null;

  constructor(context: Pick<ClientContext, 'emit' | 'scheduler'>, room: WaitingRoom) {
    this.#context = context;
    this.#room = room;
  }

  /** To be called whenever the room needs a new key that this client may make. */
  begin(): void {
    const epochNumber = this.#room.state.epoch?.number ?? 0;
    if (this.#cancel !== null && this.#epochNumber === epochNumber) return;
    this.end();
    if (this.#reported === epochNumber) return;
    this.#epochNumber = epochNumber;
    this.#cancel = this.#context.scheduler.after(patienceMs, () => this.#report());
  }

  /** To be called when the room needs no new key, or this client cannot make one. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #report(): void {
    this.#cancel = null;
    this.#reported = this.#epochNumber;
    const { roomName } = this.#room;
    this.#context.emit({
      kind: 'trouble',
      code: 'key-not-changed',
      reason: `${roomName} has needed a new key for ${patienceMs / 60_000} minutes, and the server has taken none. If a member has left or the old key has served too long, your messages wait. If this lasts, ask the operator of the server, or talk in a new room.`,
    });
  }
}
