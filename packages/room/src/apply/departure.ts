/** What it does to a room that somebody ceases to be a member or invited, by `leave`, `remove` or `revoke`. */
import { type Fingerprint, successorOf } from '@chat/protocol';
import type { RoomEvent } from '../event.ts';
import { membersOf } from '../people.ts';
import { type RoomState, without } from '../state.ts';

/** Where the one who goes was the owner, somebody else is from here on: all members find the same one, with no entry. */
export function depart(
  state: RoomState,
  who: Fingerprint,
  { seq, at }: { readonly seq: number; readonly at: number },
): { readonly state: RoomState; readonly succession: readonly RoomEvent[] } {
  const gone: RoomState = {
    ...state,
    members: without(state.members, who),
    invited: without(state.invited, who),
    authors: without(state.authors, who),
    left: { ...state.left, [who]: seq },
    membershipSeq: seq,
    removalSeq: seq,
  };
  const successor = successorOf(membersOf(gone));
  if (successor === null) return { state: gone, succession: [] };
  const { user, fingerprint } = successor;
  const owner = { ...successor, role: 'owner' as const, roleSeq: seq };
  return {
    state: { ...gone, members: { ...gone.members, [fingerprint]: owner } },
    succession: [{ kind: 'role', seq, at, by: null, user, fingerprint, role: 'owner' }],
  };
}
