/** A member who lacks the room's key asks another: who may be given it, and the answer. */
import type { Fingerprint, Wrap } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { currentSecret } from './secret.ts';
import { wrapTo } from './wrap-to.ts';

/** Whether the latest epoch was made for this person too: they were a member, or invited, at the membership that it answers. */
export function mayHaveKey({ members, invited, epoch }: RoomState, fingerprint: Fingerprint): boolean {
  const from = members[fingerprint]?.readsFrom ?? invited[fingerprint]?.seq;
  return epoch !== null && from !== undefined && from <= epoch.answers;
}

/**
 * The secret of the latest epoch, wrapped to somebody who asks for it.
 *
 * @param prekey theirs, verified by the caller
 * @returns null when it is not for them, when we lack it ourselves, and when the prekey is no key
 */
export function composeKeyAnswer(
  state: RoomState,
  to: Fingerprint,
  prekey: Uint8Array,
  crypto: RoomCrypto,
): Wrap | null {
  const current = currentSecret(state);
  if (current === null || !mayHaveKey(state, to)) return null;
  return wrapTo(to, prekey, { state, number: current.epoch, secret: current.secret }, crypto);
}
