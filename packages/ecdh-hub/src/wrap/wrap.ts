/**
 * The wrap itself: ephemeral-static Diffie-Hellman, HKDF-SHA-256 (RFC 5869), AES-128-GCM (SP 800-38D).
 * Arguments are checked by the callers; points by the backend.
 */
import type { Backend } from '../backend/backend.ts';
import { HubError } from '../errors.ts';
import type { KeyPair } from '../keys/key-pair.ts';
import { drawPrivateKey } from '../keys/private-key.ts';
import type { SuiteParameters } from '../keys/suite.ts';
import { draw, type RandomBytes } from '../random.ts';
import { encodeBinding } from './binding.ts';
import { type Envelope, IV, SALT } from './envelope.ts';

const WRAPPING_KEY = 16;

/** Draws, in this order: the ephemeral private key, the salt, the iv. */
export function wrapKey(
  backend: Backend,
  suite: SuiteParameters,
  random: RandomBytes,
  clientPublic: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
): Envelope {
  const ephemeral = drawPrivateKey(suite, random);
  const salt = draw(random, SALT);
  const iv = draw(random, IV);

  const { publicKey, agree } = backend.agreements[suite.name].derive(ephemeral);
  const binding = encodeBinding(suite.name, publicKey, clientPublic, context);
  const wrappingKey = deriveWrappingKey(backend, agree(clientPublic), salt, binding);
  ephemeral.fill(0);

  const ciphertext = backend.seal(wrappingKey, iv, binding, key);
  wrappingKey.fill(0);
  return { suite: suite.name, publicKey, salt, iv, ciphertext };
}

/** Throws `invalid-public-key`, which an attacker can compute too, and otherwise only `unwrap-failed`. */
export function unwrapKey(backend: Backend, keys: KeyPair, envelope: Envelope, context: Uint8Array): Uint8Array {
  const secret = backend.agreements[keys.suite].load(keys.privateKey, keys.publicKey).agree(envelope.publicKey);
  const binding = encodeBinding(envelope.suite, envelope.publicKey, keys.publicKey, context);
  const wrappingKey = deriveWrappingKey(backend, secret, envelope.salt, binding);

  const key = backend.open(wrappingKey, envelope.iv, binding, envelope.ciphertext);
  wrappingKey.fill(0);
  if (key === undefined) {
    throw new HubError('unwrap-failed', 'this envelope does not open with this key pair and this context');
  }
  return key;
}

/** Secrets are wiped when used: the best that JavaScript can do. */
function deriveWrappingKey(backend: Backend, secret: Uint8Array, salt: Uint8Array, binding: Uint8Array): Uint8Array {
  const wrappingKey = backend.hkdf(secret, salt, binding, WRAPPING_KEY);
  secret.fill(0);
  return wrappingKey;
}
