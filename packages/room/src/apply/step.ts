/** What every rule in this folder is given, and what it returns. */
import type { EntryType, Payload, SignedEntry, UserName } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, type ViolationCode, violation } from '../event.ts';
import type { RoomState } from '../state.ts';

/** An entry at its place, its signature not yet verified. */
export interface Placed {
  readonly seq: number;
  readonly at: number;
  readonly entry: SignedEntry;
  readonly hash: string;
}

export interface Applied {
  readonly state: RoomState;
  readonly events: readonly RoomEvent[];
}

/** One rule per type of entry. `state` is the room before the entry, but with the log's head already on it. */
export type Rule<T extends EntryType> = (
  state: RoomState,
  placed: Placed,
  payload: Payload<T>,
  crypto: RoomCrypto,
) => Applied;

/** The entry counts for nothing, and why. */
export const refuse = (state: RoomState, { seq }: Placed, code: ViolationCode, user: UserName | null): Applied => ({
  state,
  events: [violation(code, seq, user)],
});
