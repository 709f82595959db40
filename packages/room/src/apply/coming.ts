/** What it does to our own view of a room that it begins to be for us. */
import { isRecipient } from '../people.ts';
import type { RoomState } from '../state.ts';

/**
 * Whoever comes, by their `join` or by the invitation that they follow, starts from nothing: what they knew from an earlier
 * stay is void, and of others' messages from before they have seen nothing to go on from. Where history is for all they have.
 */
export function comeAnew(state: RoomState): RoomState {
  const goesOn = isRecipient(state) || state.policy?.history === 'all';
  return goesOn ? state : { ...state, epochs: {}, secrets: {}, authors: {} };
}
