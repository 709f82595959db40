/** A room as a screen shows it. */
import type { UserName } from '@chat/protocol';
import { currentSecret, hubOrder, membersOf, removalPending } from '@chat/room';
import type { StoredRoom } from './stored.ts';
import type { RoomView } from './view.ts';

export function roomView(
  stored: StoredRoom,
  online: readonly UserName[],
  caughtUp: boolean,
): Omit<RoomView, 'removed'> {
  const { state } = stored;
  const [hub] = hubOrder(state, online);
  return {
    room: state.room,
    name: stored.name,
    members: membersOf(state).map(({ user, fingerprint, role }) => ({
      user,
      fingerprint,
      role,
      online: online.includes(user),
      hub: hub?.fingerprint === fingerprint,
      me: fingerprint === state.me,
    })),
    epoch: state.epoch?.number ?? 0,
    hasKey: currentSecret(state) !== null,
    rekeying: removalPending(state),
    caughtUp,
    unsent: stored.outbox.length,
    recent: stored.recent,
  };
}
