/**
 * Confirms the wraps whose secrets are stored, so that the server erases them: at most once a minute, all rooms in one request. What
 * was not confirmed before a restart is confirmed after the next login.
 */
import { limits, type RoomId } from '@chat/protocol';
import type { ClientContext } from '../../context.ts';
import { isDisconnection } from '../../errors.ts';
import type { EpochRange } from '../../storage/stored-links.ts';

/** A confirmation follows the first secret after 30 to 90 s, at random, so that a key for many members gives no burst. */
const shortestDelayMs = 30_000;
const longestDelayMs = 90_000;

type Owner = Pick<ClientContext, 'request' | 'save' | 'scheduler' | 'crypto'>;

/** The wraps of one client that are to be confirmed. */
export class WrapConfirmations {
  readonly #owner: Owner;
  #due: readonly EpochRange[];
  /** What was confirmed last. A server writes a confirmation some seconds later, so it is named once more in the next one. */
  #before: readonly EpochRange[] = [];
  #connected = false;
  #cancel: (() => void) | null = null;

  constructor(owner: Owner, stored: readonly EpochRange[]) {
    this.#owner = owner;
    this.#due = stored;
  }

  /** To be called when the state of a room has the secret of an epoch that came with a wrap. */
  taken(roomId: RoomId, epochNumber: number): void {
    const last = this.#due.find(({ room, to }) => room === roomId && to + 1 === epochNumber);
    const range = { room: roomId, from: last?.from ?? epochNumber, to: epochNumber };
    this.#due = [...this.#due.filter((each) => each !== last), range];
    this.#plan();
  }

  /** To be called when the user enters a room anew: a confirmation of before would name wraps of its present epochs. */
  forget(roomId: RoomId): void {
    const isOther = ({ room }: EpochRange) => room !== roomId;
    this.#due = this.#due.filter(isOther);
    this.#before = this.#before.filter(isOther);
  }

  /** To be called after each login. */
  connected(): void {
    this.#connected = true;
    if (this.#due.length > 0) this.#plan();
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#connected = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Returns what is stored. */
  toJSON(): readonly EpochRange[] {
    return this.#due;
  }

  #plan(): void {
    if (!this.#connected || this.#cancel !== null) return;
    const { crypto, scheduler } = this.#owner;
    const fraction = (crypto.random(1)[0] ?? 0) / 255;
    const delayMs = shortestDelayMs + fraction * (longestDelayMs - shortestDelayMs);
    this.#cancel = scheduler.after(delayMs, () => {
      this.#cancel = null;
      void this.#confirm();
    });
  }

  async #confirm(): Promise<void> {
    const { request, save } = this.#owner;
    const confirmed = firstOf(this.#due);
    try {
      await save();
      await request('confirm-wraps', { rooms: firstOf([...confirmed, ...this.#before]) });
    } catch (error) {
      // A confirmation that is lost costs nothing: the server keeps the wraps until the next one, and erases them after a month.
      if (!isDisconnection(error)) this.#plan();
      return;
    }
    this.#due = this.#due.flatMap((range) => restOf(range, confirmed));
    this.#before = confirmed;
    if (this.#due.length > 0) this.#plan();
  }
}

/** Returns what was not confirmed of a range, which may have grown meanwhile. */
function restOf(range: EpochRange, confirmed: readonly EpochRange[]): readonly EpochRange[] {
  const done = confirmed.find(({ room, from }) => room === range.room && from === range.from);
  if (done === undefined) return [range];
  return done.to < range.to ? [{ ...range, from: done.to + 1 }] : [];
}

/** Returns as many ranges as one request takes. */
function firstOf(due: readonly EpochRange[]): EpochRange[] {
  const first: EpochRange[] = [];
  let places: number = limits.epochsPerConfirmation;
  for (const { room, from, to } of due) {
    if (places <= 0 || first.length === limits.roomsPerConfirmation) break;
    const last = Math.min(to, from + places - 1);
    first.push({ room, from, to: last });
    places -= last - from + 1;
  }
  return first;
}
