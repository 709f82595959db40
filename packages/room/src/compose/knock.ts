/** Composes and reads knocks: signed requests to be invited. A knock is signed like an entry, but is not part of the log. */
import {
  fromBase64url,
  knockDomain,
  type PublicIdentity,
  parseKnock,
  type RoomId,
  type SignedKnock,
  toBase64url,
  utf8,
} from '@chat/protocol';
import { isTaken } from '../apply/invitation.ts';
import type { RoomCrypto } from '../crypto.ts';
import { isRemoved, isRevoked } from '../people.ts';
import type { RoomState } from '../state.ts';
import type { Author } from './compose.ts';

/** Composes a knock. */
export function composeKnock(author: Author, roomId: RoomId): SignedKnock {
  const { user, signer, now } = author;
  const payload = JSON.stringify({
    v: 1,
    type: 'knock',
    room: roomId,
    author: user,
    key: toBase64url(signer.publicKey),
    at: now,
  });
  return { payload, by: signer.fingerprint, signature: toBase64url(signer.sign(knockDomain(roomId), utf8(payload))) };
}

/**
 * Returns the user who requests to be invited; null when the knock is for another room or not signed by that user, or when
 * the user cannot be invited: members, invited users, removed users and revoked identities.
 */
export function readKnock(state: RoomState, knock: SignedKnock, crypto: RoomCrypto): PublicIdentity | null {
  const payload = parseKnock(knock.payload);
  if (payload?.room !== state.room) return null;
  const { author: user, key } = payload;
  const publicKey = fromBase64url(key);
  if (crypto.fingerprint(publicKey) !== knock.by) return null;
  const signature = fromBase64url(knock.signature);
  if (!crypto.verify(publicKey, knockDomain(state.room), utf8(knock.payload), signature)) return null;
  const cannotBeInvited =
    isTaken(state, user, knock.by) || isRemoved(state, knock.by, user) || isRevoked(state, knock.by);
  return cannotBeInvited ? null : { user, fingerprint: knock.by, key };
}
