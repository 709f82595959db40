/**
 * The announced form of an ephemeral public key. It is the compressed point (SEC 1, section 2.3.3), because every member
 * downloads it and the Y coordinate adds only its parity. An X25519 key has one form, which is announced as it is. With X-Wing the
 * announced key is empty, because each wrap holds an encapsulation of its own.
 */
import { requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { SuiteParameters } from '../suite.ts';

/** Returns the announced form of a public key that has the form of `KeyPair.publicKey`. `null` with X-Wing: the empty form. */
export function announcedKeyOf(publicKey: Uint8Array | null, suite: SuiteParameters): Uint8Array {
  if (publicKey === null) return new Uint8Array();
  if (suite.publicKeyTag === null) return publicKey;
  const announced = publicKey.slice(0, suite.announcedKeyBytes);
  announced[0] = 2 | ((publicKey.at(-1) ?? 0) & 1);
  return announced;
}

/**
 * Checks the size and the form of an announced key. The backend checks that the point is on the curve.
 *
 * @throws HubError `invalid-public-key`
 */
export function requireAnnouncedKeyForm(key: Uint8Array, suite: SuiteParameters): void {
  requireBytes(key, `an announced key of ${suite.name}`, {
    minBytes: suite.announcedKeyBytes,
    maxBytes: suite.announcedKeyBytes,
    code: 'invalid-public-key',
  });
  if (suite.publicKeyTag !== null && key[0] !== 2 && key[0] !== 3) {
    throw new HubError('invalid-public-key', `an announced key of ${suite.name} must be a compressed point`);
  }
}
