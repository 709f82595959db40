/** A room as a screen shows it. */
import type { UserName } from '@chat/protocol';
import {
  currentSecret,
  hubOrder,
  invitedOf,
  isInvitationPending,
  isRemovalPending,
  membersOf,
  type RoomState,
} from '@chat/room';
import type { Pins } from '../identity/pins.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import type { RoomView } from '../view.ts';

/** The other one of a conversation of two, whether they have joined or not; null in other rooms, and where nobody is left. */
export function peerOf(state: RoomState): UserName | null {
  if (state.policy?.join !== 'direct') return null;
  const people = [...membersOf(state), ...invitedOf(state)];
  return people.find(({ fingerprint }) => fingerprint !== state.me)?.user ?? null;
}

export function roomView(
  stored: StoredRoom,
  pins: Pins,
  online: readonly UserName[],
  caughtUp: boolean,
): Omit<RoomView, 'removed'> {
  const { state } = stored;
  const [hub] = hubOrder(state, online);
  return {
    roomId: state.room,
    roomName: stored.name,
    policy: state.policy,
    peer: stored.peer ?? null,
    members: membersOf(state).map(({ user, fingerprint, role }) => ({
      user,
      fingerprint,
      role,
      online: online.includes(user),
      hub: hub?.fingerprint === fingerprint,
      me: fingerprint === state.me,
      verified: pins.isVerified({ user, fingerprint }),
    })),
    invited: invitedOf(state).map(({ user, fingerprint, by }) => ({
      user,
      fingerprint,
      by: state.members[by]?.user ?? null,
      verified: pins.isVerified({ user, fingerprint }),
    })),
    epoch: state.epoch?.number ?? 0,
    hasKey: currentSecret(state) !== null,
    rekeying: isRemovalPending(state) || isInvitationPending(state),
    caughtUp,
    leaving: stored.leaving === true,
    unsent: stored.outbox.length,
    recent: stored.recent,
  };
}
