/** Whether the messages of one room wait for its next key. */
import {
  currentSecret,
  isInvitationPending,
  isKeyWornOut,
  isNewcomerPending,
  isRemovalPending,
  type RoomState,
} from '@chat/room';
import type { Scheduler } from '../../scheduler.ts';

/**
 * How long a message waits for the key of a user who has just joined, who could not read it under the key before. The hub makes that key
 * at once, and the next member after three seconds. A room in which users join without end, or no key is made, is silent for no longer.
 */
const newcomerPatienceMs = 5_000;

/** Holds the messages of one room back until they may be sent. */
export class KeyHold {
  readonly #scheduler: Scheduler;
  readonly #room: { readonly state: RoomState };
  readonly #over: () => void;
  /** The wait for the key of newcomers: `over` from its end until every newcomer has a key. */
  #newcomers: { readonly cancel: () => void; over: boolean } | null = null;

  /** @param over called when messages may be sent although a newcomer has no key */
  constructor(scheduler: Scheduler, room: { readonly state: RoomState }, over: () => void) {
    this.#scheduler = scheduler;
    this.#room = room;
    this.#over = over;
  }

  /** True while no message may be composed: there is no key, or another one has to follow first. */
  get lacksKey(): boolean {
    const { state } = this.#room;
    const now = this.#scheduler.now();
    return (
      currentSecret(state) === null || isRemovalPending(state) || isInvitationPending(state) || isKeyWornOut(state, now)
    );
  }

  /** Returns whether a message has to wait. To be called when there is one, because the wait for newcomers begins with it. */
  isWaiting(): boolean {
    return this.lacksKey || this.#isWaitingForNewcomer();
  }

  /** Ends the wait for newcomers. The next message begins another one. */
  end(): void {
    this.#newcomers?.cancel();
    this.#newcomers = null;
  }

  #isWaitingForNewcomer(): boolean {
    if (!isNewcomerPending(this.#room.state)) {
      this.end();
      return false;
    }
    this.#newcomers ??= this.#begin();
    return !this.#newcomers.over;
  }

  #begin(): { readonly cancel: () => void; over: boolean } {
    const wait = { cancel: () => {}, over: false };
    wait.cancel = this.#scheduler.after(newcomerPatienceMs, () => {
      wait.over = true;
      this.#over();
    });
    return wait;
  }
}
