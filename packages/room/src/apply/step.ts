/** What every rule of this folder receives and returns. */
import type { EntryType, Payload, SignedEntry, UserName } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, type ViolationCode, violation } from '../event.ts';
import type { RoomState } from '../state.ts';

/** An entry at its position. Its signature has not been verified. */
export interface Placed {
  readonly seq: number;
  readonly at: number;
  readonly entry: SignedEntry;
  readonly hash: string;
}

/** The result of applying entries. */
export interface Applied {
  /** The room after the entries. */
  readonly state: RoomState;
  /** What happened, in the order of the log. */
  readonly events: readonly RoomEvent[];
}

/** The rule of one entry type. `state` is the room before the entry, except that the log's head is already the entry's. */
export type Rule<T extends EntryType> = (
  state: RoomState,
  placed: Placed,
  payload: Payload<T>,
  crypto: RoomCrypto,
) => Applied;

/** Rejects an entry: the state stays as it is, and a violation reports the reason. */
export const reject = (state: RoomState, { seq }: Placed, code: ViolationCode, user: UserName | null): Applied => ({
  state,
  events: [violation(code, seq, user)],
});
