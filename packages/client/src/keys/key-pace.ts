/**
 * The pace at which one client replaces keys for their age, in all rooms. After a night the keys of many rooms are due at the first
 * login; the requests for all of them at once would exceed what a server takes from one user.
 */

/** Keys that are made without a pause, and the time in which one more is saved up: each costs ten of the hundred of a second. */
const burst = 20;
const intervalMs = 200;
/** The longest wait: that of 300 rooms. A clock that was set back lengthens it by no more. */
const longestMs = 60_000;

/** Gives each of several keys its time. */
export class KeyPace {
  /** When all keys so far would have been made, at one in each interval. */
  #until = 0;

  /** Returns how long to wait with one more key, in ms. */
  next(now: number): number {
    const behind = Math.min(Math.max(this.#until, now) - now, longestMs);
    this.#until = now + behind + intervalMs;
    return Math.max(0, behind + intervalMs - burst * intervalMs);
  }
}
