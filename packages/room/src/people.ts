/** Queries on membership: members, invited, removed and revoked users, and the local user's own membership. */
import { type Fingerprint, limits, type UserName } from '@chat/protocol';
import type { Invitation, Member, RoomState } from './state.ts';
import type { UserMap } from './user-map.ts';

/** Returns the members in the order in which they joined. */
export const membersOf = ({ members }: Pick<RoomState, 'members'>): readonly Member[] =>
  members.sorted((a, b) => a.joinedAt - b.joinedAt);

/** Returns the invitations that have not been accepted, in the order in which they were made. */
export const invitedOf = (state: RoomState): readonly Invitation[] => state.invited.sorted((a, b) => a.seq - b.seq);

/** True while the user with this fingerprint is a member. */
export const isMember = (state: RoomState, fingerprint: Fingerprint): boolean => state.members.has(fingerprint);

/** True when one of these users has this name or this key. Within a room a name and a key stand for one user. */
export const isAmong = (
  users: UserMap<{ readonly user: UserName }>,
  user: UserName,
  fingerprint: Fingerprint,
): boolean => users.has(fingerprint) || users.named(user) !== null;

/**
 * True while no further user may be invited, or join without an invitation: members accept no such entry, so that no server lets a
 * room grow beyond what they can bear.
 */
export const isFull = ({ members, invited }: Pick<RoomState, 'members' | 'invited'>): boolean =>
  members.size + invited.size >= limits.roomMembers;

/** True while the local user is a member and the client has read the log up to the user's latest join. */
export const isPresent = (state: RoomState): boolean => (state.members.get(state.me)?.joinedAt ?? 0) > state.since;

/** True when new epochs are made for the local user: as a member, or as an invited user who joins further on in the log. */
export const isRecipient = (state: RoomState): boolean =>
  isPresent(state) || (state.invited.get(state.me)?.seq ?? 0) > state.since;

/** True when the local user may read messages at this position: from the invitation or join on, or always with history `all`. */
export const mayRead = (state: RoomState): boolean => isRecipient(state) || state.policy?.history === 'all';

/** True when the user with this key or this name has been removed and not readmitted. */
export const isRemoved = (state: RoomState, fingerprint: Fingerprint, user: UserName): boolean =>
  isAmong(state.removed, user, fingerprint);

/** True when the identity with this key has been revoked. */
export const isRevoked = (state: RoomState, fingerprint: Fingerprint): boolean => state.revoked.has(fingerprint);

/** True when the local user has been removed since the latest invitation or join and not readmitted, or has been revoked. */
export const wasRemoved = (state: RoomState): boolean =>
  !isMember(state, state.me) && (isRevoked(state, state.me) || (state.removed.get(state.me)?.seq ?? 0) > state.since);

/** True while no epoch answers the latest change of members and invited users, or there is no epoch. */
export const isMembershipUnanswered = (state: RoomState): boolean => (state.epoch?.answers ?? 0) < state.membershipSeq;

/** True while a user who is no longer in the room has the latest epoch secret. Messages under that epoch are rejected. */
export const isRemovalPending = (state: RoomState): boolean =>
  state.epoch !== null && state.removalSeq > state.epoch.answers;

/**
 * True while an invited user does not have the latest epoch secret. Invited users may read from their invitation on, so the
 * client sends no message before the next epoch. Messages of authors who have not seen the invitation are accepted.
 */
export const isInvitationPending = (state: RoomState): boolean => {
  const answered = state.epoch?.answers ?? 0;
  return (
    isMembershipUnanswered(state) &&
    (invitedOf(state).some(({ seq }) => seq > answered) ||
      membersOf(state).some(({ readsFrom, joinedAt }) => readsFrom > answered && readsFrom < joinedAt))
  );
};

/**
 * True while a user who has joined does not have the latest epoch secret, and so could not read a message under it. Not with history
 * `all`, where later secrets lead to it.
 */
export const isNewcomerPending = (state: RoomState): boolean => {
  const answered = state.epoch?.answers ?? 0;
  return (
    isMembershipUnanswered(state) &&
    state.policy?.history !== 'all' &&
    state.members.values().some(({ readsFrom }) => readsFrom > answered)
  );
};
