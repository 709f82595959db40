/** Answers key requests: which members may have the latest epoch secret, and the wrap that a key answer carries. */
import type { Fingerprint, Wrap } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { currentSecret } from './secret.ts';
import { type WrapRecipient, wrapSecret } from './wrap.ts';

/** True when the latest epoch was made for this user too, as a member or invited user at the membership that it answers. */
export function mayHaveKey({ members, invited, epoch }: RoomState, fingerprint: Fingerprint): boolean {
  const from = members.get(fingerprint)?.readsFrom ?? invited.get(fingerprint)?.seq;
  return epoch !== null && from !== undefined && from <= epoch.answers;
}

/**
 * Wraps the secret of the latest epoch to a member who has requested it.
 *
 * @returns null when the epoch was not made for that member, when this client lacks the secret, and when the prekey is not
 * a valid public key
 */
export function composeKeyAnswer(state: RoomState, recipient: WrapRecipient, crypto: RoomCrypto): Wrap | null {
  const current = currentSecret(state);
  if (current === null || !mayHaveKey(state, recipient.to)) return null;
  return wrapSecret(crypto, recipient, { roomId: state.room, ...current });
}
