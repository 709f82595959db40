/**
 * The age of invitations, by this client's own clock: neither the server's time nor a signed one has an influence. So no server can
 * end an invitation here, or keep one alive. A clock that is set back begins the age anew.
 */
import { type Fingerprint, limits } from '@chat/protocol';
import { type Invitation, invitedOf, type Member, mayWithdraw, membersOf, type RoomState } from '@chat/room';
import type { SeenInvitation, StoredRoom } from '../storage/stored-state.ts';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
/** How long the first member waits after the end: a server that goes by the same time refuses the join by then. */
const firstTurnMs = hourMs;
/** How much longer each further member waits: the one before needs to have been connected once. */
const turnMs = dayMs;
/** Members from this place on act together. */
const lastPlace = 7;

type Seen = Readonly<Record<Fingerprint, SeenInvitation>>;

/** Returns when this client first knew of each invitation that waits, with those that are new; `known` itself if nothing has changed. */
export function seenInvitations({ state, invitations: known = {} }: StoredRoom, now: number): Seen {
  const waiting = endsByAge(state) ? invitedOf(state) : [];
  // By the position: a user who renews the identity key has the same invitation.
  const bySeq = new Map(Object.values(known).map((each) => [each.seq, each]));
  const seen = waiting.map(({ fingerprint, seq }): [Fingerprint, SeenInvitation] => {
    const before = bySeq.get(seq);
    return [fingerprint, before !== undefined && before.since <= now ? before : { seq, since: now }];
  });
  const isSame = seen.length === Object.keys(known).length && seen.every(([key, value]) => known[key] === value);
  return isSame ? known : Object.fromEntries(seen);
}

/** An invitation to a direct room is the only way to what was said to the user there. */
const endsByAge = ({ policy }: RoomState): boolean => policy !== null && policy.join !== 'direct';

/** Returns for how long the client has known of an invitation. */
const ageOf = ({ invitations = {} }: StoredRoom, { fingerprint, seq }: Invitation, now: number): number => {
  const seen = invitations[fingerprint];
  return seen?.seq === seq ? now - seen.since : 0;
};

/** Returns whether an invitation has ended. */
export const hasEnded = (stored: StoredRoom, invitation: Invitation, now: number): boolean =>
  endsByAge(stored.state) && ageOf(stored, invitation, now) >= limits.invitationAge;

/** Returns the members who may withdraw an invitation, in the order in which they do: the inviter, the owner, the moderators. */
function withdrawersOf(state: RoomState, invitation: Invitation): readonly Member[] {
  const allowed = membersOf(state).filter((member) => mayWithdraw(member, invitation));
  const isInviter = ({ fingerprint }: Member) => fingerprint === invitation.by;
  const isOwner = ({ role }: Member) => role === 'owner';
  return [
    ...allowed.filter(isInviter),
    ...allowed.filter((member) => isOwner(member) && !isInviter(member)),
    ...allowed.filter((member) => !isOwner(member) && !isInviter(member)),
  ];
}

/** Returns the invitations that it is the local user's turn to withdraw, the oldest first. */
export function endedInvitations(stored: StoredRoom, now: number): readonly Invitation[] {
  const { state } = stored;
  return invitedOf(state).filter((invitation) => {
    if (!hasEnded(stored, invitation, now)) return false;
    const place = withdrawersOf(state, invitation).findIndex(({ fingerprint }) => fingerprint === state.me);
    const turn = firstTurnMs + Math.min(place, lastPlace) * turnMs;
    return place !== -1 && ageOf(stored, invitation, now) >= limits.invitationAge + turn;
  });
}
