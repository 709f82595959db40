/** Accepts the own wrap of an epoch. */
import { fromBase64url, toBase64url } from '@chat/protocol';
import type { Prekey, RoomCrypto } from '../crypto.ts';
import { violation } from '../event.ts';
import { withSecret } from '../keys/secret.ts';
import { unwrapSecret } from '../keys/wrap.ts';
import type { RoomState } from '../state.ts';
import type { Applied } from './step.ts';

/** The wrap of one epoch for the local user. */
export interface ReceivedWrap {
  readonly epochNumber: number;
  /** The `envelope` of the server's answer to `get-wrap`, in base64url. */
  readonly envelope: string;
  /** The own prekeys to which the secret may have been wrapped. */
  readonly prekeys: readonly Prekey[];
}

/**
 * Accepts a wrap of an epoch, and derives the secrets of the steps that follow.
 *
 * @returns the state with the secret; or the unchanged state and a violation `wrong-key`, when no prekey opens the envelope or
 * the secret does not match the commitment
 */
export function acceptWrap(
  state: RoomState,
  { epochNumber, envelope, prekeys }: ReceivedWrap,
  crypto: RoomCrypto,
): Applied {
  const epoch = state.epochs[epochNumber];
  const wrong = (): Applied => {
    const hub = epoch === undefined ? undefined : state.members.get(epoch.author)?.user;
    return { state, events: [violation('wrong-key', state.head.seq, hub ?? null)] };
  };
  if (epoch === undefined) return wrong();
  const place = { roomId: state.room, epochNumber, me: state.me };
  const secret = unwrapSecret(crypto, { envelope: fromBase64url(envelope), prekeys }, place);
  const held = secret === null ? null : withSecret(state, epoch, toBase64url(secret), crypto);
  return held === null ? wrong() : { state: held, events: [] };
}
