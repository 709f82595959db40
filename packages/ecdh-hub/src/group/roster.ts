/** The hash of a list of members, as a chain: each link takes in one more, so a newcomer costs one link. */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../bytes.ts';
import type { Member } from './member.ts';

const LABEL = 'ecdh-hub roster v1';

/** The chain's beginning: nobody. */
export const NO_ROSTER: Uint8Array = new Uint8Array(32);

/** The hash of the roster with these members at its end. */
export function rosterWith(backend: Backend, roster: Uint8Array, members: readonly Member[]): Uint8Array {
  const text = new TextEncoder();
  const label = text.encode(LABEL);
  return members.reduce(
    (hash, { id, publicKey }) => backend.sha256(lengthPrefixed([label, hash, text.encode(id), publicKey])),
    roster,
  );
}
