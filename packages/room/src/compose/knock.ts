/** Somebody who is not invited asks to be let in: signed like an entry, though it is none and changes nothing. */
import {
  type Fingerprint,
  fromBase64url,
  knockDomain,
  parseKnock,
  type RoomId,
  type SignedKnock,
  toBase64url,
  type UserName,
  utf8,
} from '@chat/protocol';
import { isTaken } from '../apply/invitation.ts';
import type { RoomCrypto } from '../crypto.ts';
import { isRemoved, isRevoked } from '../people.ts';
import type { RoomState } from '../state.ts';
import type { Author } from './compose.ts';

export function composeKnock(author: Author, room: RoomId): SignedKnock {
  const { user, signer, now } = author;
  const payload = JSON.stringify({
    v: 1,
    type: 'knock',
    room,
    author: user,
    key: toBase64url(signer.publicKey),
    at: now,
  });
  return { payload, by: signer.fingerprint, signature: toBase64url(signer.sign(knockDomain(room), utf8(payload))) };
}

export interface Knocker {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo of their identity key, base64url. */
  readonly key: string;
}

/** Who asks to be let into this room; null when nobody does who could be, or the knock is not theirs, or another room's. */
export function readKnock(state: RoomState, knock: SignedKnock, crypto: RoomCrypto): Knocker | null {
  const payload = parseKnock(knock.payload);
  if (payload?.room !== state.room) return null;
  const { author: user, key } = payload;
  const publicKey = fromBase64url(key);
  if (crypto.fingerprint(publicKey) !== knock.by) return null;
  const signature = fromBase64url(knock.signature);
  if (!crypto.verify(publicKey, knockDomain(state.room), utf8(knock.payload), signature)) return null;
  const shut = isTaken(state, user, knock.by) || isRemoved(state, knock.by, user) || isRevoked(state, knock.by);
  return shut ? null : { user, fingerprint: knock.by, key };
}
