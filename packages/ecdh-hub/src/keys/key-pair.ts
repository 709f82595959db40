/** Key pairs as plain bytes that a caller can store, and the checks on them that need no curve arithmetic. */
import type { Backend } from '../backend/backend.ts';
import { requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { RandomBytes } from '../random.ts';
import type { Suite, SuiteParameters } from '../suite.ts';
import { drawPrivateKey, requirePrivateKey } from './private-key.ts';

/** A key pair of a suite. The private key is secret: store it encrypted. */
export interface KeyPair {
  /** The key agreement that both keys belong to. */
  readonly suite: Suite;
  /** P-384: 48 bytes, P-256: 32 bytes, both big-endian; X25519: 32 bytes (RFC 7748, section 5). */
  readonly privateKey: Uint8Array;
  /** P-384: 97 bytes, P-256: 65 bytes, both the uncompressed point 4 || X || Y (SEC 1, section 2.3.3); X25519: 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Draws a private key and computes its public key. */
export function generateKeyPair(backend: Backend, suite: SuiteParameters, random: RandomBytes): KeyPair {
  const privateKey = drawPrivateKey(suite, random);
  const { publicKey } = backend.agreements[suite.name].derive(privateKey);
  return { suite: suite.name, privateKey, publicKey };
}

/**
 * Checks size, range and form of both keys. It does not check that they belong together: if they do not, unwrapping fails.
 *
 * @throws HubError `invalid-private-key`, `invalid-public-key`
 */
export function requireKeyPair(pair: KeyPair, suite: SuiteParameters): void {
  requirePrivateKey(pair.privateKey, suite);
  requirePublicKeyForm(pair.publicKey, suite);
}

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
