/** The check that a private key passes before it is used, whatever form it came in. */
import { backend } from '#backend';
import type { KeyPair } from '../encoding/p384.ts';
import { damagedKey } from '../private-key-error.ts';

/**
 * The pair, if its halves belong together: nothing that encrypts a key file here authenticates it, and the public half
 * shows that nobody altered the private one. Throws `invalid-private-key`.
 */
export function requireMatch(pair: KeyPair): KeyPair {
  const point = backend.publicPoint(pair.scalar);
  if (!point.every((byte, at) => pair.point[at] === byte)) throw damagedKey('its public and private halves differ');
  return pair;
}
