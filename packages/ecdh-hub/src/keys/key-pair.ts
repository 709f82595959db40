/** Key pairs as plain bytes that a caller can store, and the checks on them that need no curve arithmetic. */
import type { Backend } from '../backend/backend.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { kemOf } from '../kem/kem-of.ts';
import type { RandomBytes } from '../random.ts';
import { requireSuite, type Suite, type SuiteParameters } from '../suite.ts';
import { drawPrivateKey, requirePrivateKey } from './private-key.ts';
import { requirePublicKeyForm } from './public-key.ts';

/** A key pair of a suite. The private key is secret: store it encrypted. */
export interface KeyPair {
  /** The suite that both keys belong to. */
  readonly suite: Suite;
  /** P-384: 48 bytes, P-256: 32 bytes, both big-endian; X25519: 32 bytes (RFC 7748, section 5); X-Wing: the seed of 32 bytes. */
  readonly privateKey: Uint8Array;
  /**
   * P-384: 97 bytes, P-256: 65 bytes, both the uncompressed point 4 || X || Y (SEC 1, section 2.3.3); X25519: 32 bytes;
   * X-Wing: 1216 bytes, those of ML-KEM-768 first.
   */
  readonly publicKey: Uint8Array;
}

/** Draws a private key and computes its public key. */
export function generateKeyPair(backend: Backend, suite: SuiteParameters, random: RandomBytes): KeyPair {
  const privateKey = drawPrivateKey(suite, random);
  const { publicKey } = kemOf(backend, suite).derive(privateKey);
  return { suite: suite.name, privateKey, publicKey };
}

/**
 * Checks suite, size, range and form of both keys. `requireMatch` checks that they belong together.
 *
 * @returns the parameters of the pair's suite
 * @throws HubError `invalid-argument`, `invalid-private-key`, `invalid-public-key`
 */
export function requireKeyPair(pair: KeyPair): SuiteParameters {
  if (typeof pair !== 'object' || pair === null) {
    throw new HubError('invalid-argument', 'a key pair is an object with suite, privateKey and publicKey');
  }
  const suite = requireSuite(pair.suite, 'invalid-argument');
  requirePrivateKey(pair.privateKey, suite);
  requirePublicKeyForm(pair.publicKey, suite);
  return suite;
}

/**
 * Requires a pair whose halves belong together. Otherwise its owner would seem to be a member, and could open nothing. The check
 * costs about as much as an agreement.
 *
 * @throws HubError `invalid-private-key`
 */
export function requireMatch(backend: Backend, { suite, privateKey, publicKey }: KeyPair): void {
  const kem = kemOf(backend, requireSuite(suite, 'invalid-argument'));
  if (equalBytes(kem.derive(privateKey).publicKey, publicKey)) return;
  throw new HubError('invalid-private-key', 'the private key does not belong to the public key beside it');
}
