/** The identity keys of a user, and what of the room keys is lost with one. */
import type { Stored } from '@chat/client';
import type { Fingerprint, RoomId } from '@chat/protocol';
import type { LoggedEpoch } from '../checks/honest-log.ts';

/** An identity key of a user. */
export interface OwnKey {
  readonly fingerprint: Fingerprint;
  /** Returns whether the client did not have the key of an epoch when this key took the place of the one before, nor gets it since. */
  readonly lost: (room: RoomId, epoch: Pick<LoggedEpoch, 'number' | 'seq'>) => boolean;
}

/** Returns what a client loses that renews its key with this state: the keys of the epochs that it has not read, or has read without them. */
export function lostWith({ rooms }: Stored): OwnKey['lost'] {
  return (room, { number, seq }) => {
    const { state, unread = [] } = rooms[room] ?? {};
    if (state === undefined || state.head.seq < seq) return true;
    return state.epoch?.number === number
      ? state.secrets[number] === undefined
      : unread.some(({ epoch }) => epoch.number === number);
  };
}
