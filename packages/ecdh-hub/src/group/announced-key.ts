/**
 * The ephemeral key as it is announced: the compressed point (SEC 1 section 2.3.3), since every member downloads it and the
 * Y coordinate says no more than its parity. An X25519 key has one form, and is announced in that.
 */
import { checkBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { SuiteParameters } from '../keys/suite.ts';

/** The announced form of a public key in the form of `KeyPair`'s. */
export function announcedKey(publicKey: Uint8Array, suite: SuiteParameters): Uint8Array {
  if (suite.publicKeyTag === undefined) return publicKey;
  const announced = publicKey.slice(0, suite.announcedKeyBytes);
  announced[0] = 2 | ((publicKey.at(-1) ?? 0) & 1);
  return announced;
}

/** Throws `invalid-public-key` for a wrong size or form. The backend checks that the point is on the curve. */
export function checkAnnouncedKeyForm(key: Uint8Array, suite: SuiteParameters): void {
  const size = suite.announcedKeyBytes;
  checkBytes(key, `an announced key of ${suite.name}`, size, size, 'invalid-public-key');
  if (suite.publicKeyTag !== undefined && key[0] !== 2 && key[0] !== 3) {
    throw new HubError('invalid-public-key', `an announced key of ${suite.name} must be a compressed point`);
  }
}
