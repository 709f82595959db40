/** Who stands how in a room: members, invited, gone; and what that means for oneself. */
import type { Fingerprint, UserName } from '@chat/protocol';
import type { Invitation, Member, RoomState } from './state.ts';

type Members = RoomState['members'];

/** States share the record of members until it changes, and a room of a thousand is asked for their order at every entry. */
const inOrder = new WeakMap<Members, readonly Member[]>();

/** Members in the order in which they joined. */
export function membersOf({ members }: Pick<RoomState, 'members'>): readonly Member[] {
  const known = inOrder.get(members);
  if (known !== undefined) return known;
  const sorted = Object.values(members).sort((a, b) => a.joinedAt - b.joinedAt);
  inOrder.set(members, sorted);
  return sorted;
}

/** Who may join and has not yet, in the order in which they were invited. */
export const invitedOf = (state: RoomState): readonly Invitation[] =>
  Object.values(state.invited).sort((a, b) => a.seq - b.seq);

export const isMember = (state: RoomState, who: Fingerprint): boolean => Object.hasOwn(state.members, who);

/** Whether one of these people has this name or this key: either stands for one person in a room. */
export const isAmong = (
  people: Readonly<Record<Fingerprint, { readonly user: UserName }>>,
  user: UserName,
  who: Fingerprint,
): boolean => Object.hasOwn(people, who) || Object.values(people).some((person) => person.user === user);

/** Whether this member has reached their own latest join on the log, and is still in the room. */
export const isPresent = (state: RoomState): boolean => (state.members[state.me]?.joinedAt ?? 0) > state.since;

/** Whether the room's new keys are for us: as a member, or as somebody who is invited and will have joined further on. */
export const isRecipient = (state: RoomState): boolean =>
  isPresent(state) || (state.invited[state.me]?.seq ?? 0) > state.since;

/** Whether what is said here is for us to read: from our invitation or join on, or all of it where history is for all. */
export const reads = (state: RoomState): boolean => isRecipient(state) || state.policy?.history === 'all';

/** Whether this key, or this name, was taken out and not readmitted since. */
export const isRemoved = (state: RoomState, who: Fingerprint, user: UserName): boolean =>
  isAmong(state.removed, user, who);

/** Whether this key's identity was taken away. */
export const isRevoked = (state: RoomState, who: Fingerprint): boolean => Object.hasOwn(state.revoked, who);

/** Whether somebody took us out since we came, and nobody has readmitted us; or our access was taken away for good. */
export const wasRemoved = (state: RoomState): boolean =>
  !isMember(state, state.me) && (isRevoked(state, state.me) || (state.removed[state.me]?.seq ?? 0) > state.since);

/** Whether the membership has changed and no epoch has answered it yet, or there is none at all. */
export const membershipChanged = (state: RoomState): boolean => (state.epoch?.answers ?? 0) < state.membershipSeq;

/** Whether somebody is gone who has the room's key, and it has not changed since: nothing may be said under the old one. */
export const removalPending = (state: RoomState): boolean =>
  state.epoch !== null && state.removalSeq > state.epoch.answers;

/**
 * Whether somebody was invited whom the room's key has not been given to. They are to read from there on, so nothing should be
 * said before the next one; what another member says who has not seen the invitation counts all the same.
 */
export const invitationPending = (state: RoomState): boolean => {
  const answered = state.epoch?.answers ?? 0;
  return (
    membershipChanged(state) &&
    (Object.values(state.invited).some(({ seq }) => seq > answered) ||
      membersOf(state).some(({ readsFrom, joinedAt }) => readsFrom > answered && readsFrom < joinedAt))
  );
};
