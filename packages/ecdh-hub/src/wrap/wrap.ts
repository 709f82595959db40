/**
 * Wraps and unwraps a key: ephemeral-static Diffie-Hellman, HKDF-SHA-256 (RFC 5869), AES-128-GCM (SP 800-38D). The callers
 * check the arguments; the backend checks the points.
 */
import type { Backend } from '../backend/backend.ts';
import { HubError } from '../errors.ts';
import { type KeyPair, requireMatch } from '../keys/key-pair.ts';
import { drawPrivateKey } from '../keys/private-key.ts';
import { draw, type RandomBytes } from '../random.ts';
import type { SuiteParameters } from '../suite.ts';
import { encodeBinding } from './binding.ts';
import { type Envelope, ivBytes, saltBytes } from './envelope.ts';

const wrappingKeyBytes = 16;

/** The arguments of `wrapKey`. */
export interface WrapOptions {
  readonly suite: SuiteParameters;
  readonly random: RandomBytes;
  readonly clientPublic: Uint8Array;
  readonly key: Uint8Array;
  readonly context: Uint8Array;
}

/** The arguments of `unwrapKey`. */
export interface UnwrapOptions {
  readonly keys: KeyPair;
  readonly envelope: Envelope;
  readonly context: Uint8Array;
}

/**
 * Wraps a key for one client. Draws, in this order: the ephemeral private key, the salt, the iv.
 *
 * @throws HubError `invalid-public-key`, `invalid-argument`
 */
export function wrapKey(backend: Backend, { suite, random, clientPublic, key, context }: WrapOptions): Envelope {
  const ephemeral = drawPrivateKey(suite, random);
  const salt = draw(random, saltBytes);
  const iv = draw(random, ivBytes);

  const { publicKey, agree } = backend.agreements[suite.name].derive(ephemeral);
  const binding = encodeBinding({ suite: suite.name, hubPublic: publicKey, clientPublic, context });
  const wrappingKey = deriveWrappingKey(backend, agree(clientPublic), { salt, info: binding });
  ephemeral.fill(0);

  const ciphertext = backend.seal({ key: wrappingKey, iv, associatedData: binding }, key);
  wrappingKey.fill(0);
  return { suite: suite.name, publicKey, salt, iv, ciphertext };
}

/**
 * Unwraps a key.
 *
 * @throws HubError `unwrap-failed` for everything that depends on a secret; `invalid-public-key`, which an attacker can
 *   compute too; `invalid-private-key` for a pair whose halves do not belong together
 */
export function unwrapKey(backend: Backend, { keys, envelope, context }: UnwrapOptions): Uint8Array {
  const { suite, publicKey: hubPublic, salt, iv, ciphertext } = envelope;
  const secret = backend.agreements[keys.suite].load(keys.privateKey, keys.publicKey).agree(hubPublic);
  const binding = encodeBinding({ suite, hubPublic, clientPublic: keys.publicKey, context });
  const wrappingKey = deriveWrappingKey(backend, secret, { salt, info: binding });

  const key = backend.open({ key: wrappingKey, iv, associatedData: binding }, ciphertext);
  wrappingKey.fill(0);
  if (key === null) {
    // Checked last, because it costs as much as the agreement and concerns only a damaged pair.
    requireMatch(backend, keys);
    throw new HubError('unwrap-failed', 'this envelope does not open with this key pair and this context');
  }
  return key;
}

/** Derives the wrapping key, and wipes the shared secret: JavaScript allows no stronger erasure. */
function deriveWrappingKey(
  backend: Backend,
  secret: Uint8Array,
  { salt, info }: { readonly salt: Uint8Array; readonly info: Uint8Array },
): Uint8Array {
  const wrappingKey = backend.hkdf(secret, { salt, info, length: wrappingKeyBytes });
  secret.fill(0);
  return wrappingKey;
}
