/** Key pairs, as plain bytes that a caller can store, and the checks that need no curve arithmetic. */
import type { Backend } from '../backend/backend.ts';
import { checkBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { RandomBytes } from '../random.ts';
import { checkPrivateKey, drawPrivateKey } from './private-key.ts';
import type { Suite, SuiteParameters } from './suite.ts';

/** A key pair of a suite. The private key is secret: store it encrypted. */
export interface KeyPair {
  readonly suite: Suite;
  /** P-384: 48 bytes, P-256: 32 bytes, both big-endian; X25519: 32 bytes (RFC 7748 section 5). */
  readonly privateKey: Uint8Array;
  /** P-384: 97 bytes, P-256: 65 bytes, both the uncompressed point 4 || X || Y (SEC 1 section 2.3.3); X25519: 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function generateKeyPair(backend: Backend, suite: SuiteParameters, random: RandomBytes): KeyPair {
  const privateKey = drawPrivateKey(suite, random);
  const { publicKey } = backend.agreements[suite.name].derive(privateKey);
  return { suite: suite.name, privateKey, publicKey };
}

/** Throws `invalid-private-key` or `invalid-public-key`. Whether the two belong together shows when they are used. */
export function checkKeyPair(pair: KeyPair, suite: SuiteParameters): void {
  checkPrivateKey(pair.privateKey, suite);
  checkPublicKeyForm(pair.publicKey, suite);
}

/** Throws `invalid-public-key` for a wrong size or form. The backend checks that the point is on the curve. */
export function checkPublicKeyForm(publicKey: Uint8Array, suite: SuiteParameters): void {
  const size = suite.publicKeyBytes;
  checkBytes(publicKey, `a public key of ${suite.name}`, size, size, 'invalid-public-key');
  if (suite.publicKeyTag !== undefined && publicKey[0] !== suite.publicKeyTag) {
    throw new HubError('invalid-public-key', `a public key of ${suite.name} must be an uncompressed point`);
  }
}
