/** Accepts the secret of an epoch, and judges who is at fault when a wrap does not lead to it. */
import { fromHex, isWrapOf, toBase64url, type WrapProof } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, violation } from '../event.ts';
import { type EpochSecret, withSecret } from '../keys/secret.ts';
import type { RoomState } from '../state.ts';

/**
 * Accepts the secret that a wrap or a key answer carried, and derives the secrets of the steps that follow.
 *
 * @returns null when the secret does not match the commitment, or the state does not know the epoch
 */
export function acceptWrap(
  state: RoomState,
  { epochNumber, secret }: EpochSecret,
  crypto: RoomCrypto,
): RoomState | null {
  const epoch = state.epochs[epochNumber];
  return epoch === undefined ? null : withSecret(state, epoch, toBase64url(secret), crypto);
}

/**
 * Judges who is at fault when the own wrap of an epoch is altered, missing, or carries another secret. The caller has not opened such a
 * wrap before, has the link that it names, and has found that the wrap in the proof does not lead to the secret either.
 *
 * @param proof the server's answer; null when it has given none, or has erased the wrap
 * @returns `wrong-key` with the name of the epoch's author if that member made this wrap, `wrong-wrap` if the server cannot show
 *   that; null if the author made none for the local user, which is no breach
 */
export function judgeWrap(state: RoomState, epochNumber: number, proof: WrapProof | null): RoomEvent | null {
  const { head, epochs, members, me } = state;
  const epoch = epochs[epochNumber];
  const { wraps = null } = epoch ?? {};
  if (wraps === null || proof === null || !isWrapOf(wraps, fromHex(me), proof))
    return violation('wrong-wrap', head.seq);
  if (proof.wrap === null) return null;
  return violation('wrong-key', head.seq, epoch === undefined ? null : (members.get(epoch.author)?.user ?? null));
}
