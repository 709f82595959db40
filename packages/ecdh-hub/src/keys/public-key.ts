/** The checks of public keys and encapsulations that need no curve arithmetic. */
import { requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { SuiteParameters } from '../suite.ts';

/**
 * Checks the size and the form of a public key. The backend checks that the point is on the curve.
 *
 * @throws HubError `invalid-public-key`
 */
export function requirePublicKeyForm(publicKey: Uint8Array, suite: SuiteParameters): void {
  requireBytes(publicKey, `a public key of ${suite.name}`, {
    minBytes: suite.publicKeyBytes,
    maxBytes: suite.publicKeyBytes,
    code: 'invalid-public-key',
  });
  if (suite.publicKeyTag !== null && publicKey[0] !== suite.publicKeyTag) {
    throw new HubError('invalid-public-key', `a public key of ${suite.name} must be an uncompressed point`);
  }
}

/**
 * Checks the size of an encapsulation, and its form if it is a public key.
 *
 * @throws HubError `invalid-public-key`
 */
export function requireEncapsulationForm(encapsulation: Uint8Array, suite: SuiteParameters): void {
  const { encapsulationBytes: size } = suite;
  if (suite.name !== 'X-Wing') requirePublicKeyForm(encapsulation, suite);
  else
    requireBytes(encapsulation, 'an encapsulation of X-Wing', {
      minBytes: size,
      maxBytes: size,
      code: 'invalid-public-key',
    });
}
