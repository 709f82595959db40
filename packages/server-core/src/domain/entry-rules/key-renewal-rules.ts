/** Rules of `renew-key` entries. They match the rules by which members judge these entries. */
import { chainFrom, type Payload, ProtocolError } from '@chat/protocol';
import type { ChainJudge } from '../../identity/key-chain.ts';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Room, RoomChange } from '../../ports/room-store.ts';
import { requireAccess } from './room-access.ts';
import { userIn } from './user-index.ts';

/** Whose renewal it is, and who judges it. */
export interface Renewing {
  /** Has the new key. */
  readonly author: RegisteredUser;
  readonly judgeChain: ChainJudge;
}

/**
 * Returns the effect of a renewal.
 *
 * @throws ProtocolError `not-a-member`, `already-a-member`, `access-revoked`, `removed`, `entry-refused`
 */
export function admitKeyRenewal(
  state: Room,
  payload: Payload<'renew-key'>,
  { author, judgeChain }: Renewing,
): RoomChange {
  const { user, fingerprint } = author;
  const present = userIn(state.members, user) ?? userIn(state.invited, user);
  if (present === undefined) {
    throw new ProtocolError('not-a-member', 'You are not in this room, nor invited to it: there is no key to renew.');
  }
  if ([...state.members, ...state.invited].some((each) => each.fingerprint === fingerprint)) {
    throw new ProtocolError('already-a-member', 'This room has your new key already.');
  }
  requireAccess(state, author);
  const isLinked = chainFrom(payload, present.fingerprint) !== null;
  if (!isLinked || judgeChain(payload, user) === null) {
    throw new ProtocolError(
      'entry-refused',
      'The renewals do not lead from the key that you have in this room to your registered key.',
    );
  }
  return { kind: 'renew-key', user, fingerprint };
}
