/**
 * Wraps and unwraps a key: ephemeral-static Diffie-Hellman or X-Wing, HKDF-SHA-256 (RFC 5869), AES-GCM (SP 800-38D). The
 * callers check the arguments; the backend checks the points.
 */
import type { Backend } from '../backend/backend.ts';
import { HubError } from '../errors.ts';
import { type KeyPair, requireMatch } from '../keys/key-pair.ts';
import { draw, type RandomBytes } from '../random.ts';
import { requireSuite, type SuiteParameters } from '../suite.ts';
import { boundForm, encodeBinding } from './binding.ts';
import { type Envelope, ivBytes, saltBytes } from './envelope.ts';
import { createSender, loadRecipient } from './sides.ts';

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
 * Wraps a key for one client. Draws, in this order: the ephemeral private key (X-Wing: 64 bytes), the salt, the iv.
 *
 * @throws HubError `invalid-public-key`, `invalid-argument`
 */
export function wrapKey(backend: Backend, { suite, random, clientPublic, key, context }: WrapOptions): Envelope {
  const sender = createSender(backend, suite, random);
  const { encapsulation, sharedSecret } = sender.send(clientPublic);
  sender.wipe();
  const salt = draw(random, saltBytes);
  const iv = draw(random, ivBytes);

  const binding = bindingOf(backend, suite, { encapsulation, clientPublic, context });
  const wrappingKey = deriveWrappingKey(backend, suite, { secret: sharedSecret, salt, info: binding });

  const ciphertext = backend.seal({ key: wrappingKey, iv, associatedData: binding }, key);
  wrappingKey.fill(0);
  return { suite: suite.name, publicKey: encapsulation, salt, iv, ciphertext };
}

/**
 * Unwraps a key.
 *
 * @throws HubError `unwrap-failed` for everything that depends on a secret; `invalid-public-key`, which an attacker can
 *   compute too; `invalid-private-key` for a pair whose halves do not belong together
 */
export function unwrapKey(backend: Backend, { keys, envelope, context }: UnwrapOptions): Uint8Array {
  const { publicKey: encapsulation, salt, iv, ciphertext } = envelope;
  const suite = requireSuite(envelope.suite, 'invalid-envelope');
  const secret = loadRecipient(backend, keys).receive(encapsulation);
  const binding = bindingOf(backend, suite, { encapsulation, clientPublic: keys.publicKey, context });
  const wrappingKey = deriveWrappingKey(backend, suite, { secret, salt, info: binding });

  const key = backend.open({ key: wrappingKey, iv, associatedData: binding }, ciphertext);
  wrappingKey.fill(0);
  if (key === null) {
    // Checked last, because it costs as much as the agreement and concerns only a damaged pair.
    requireMatch(backend, keys);
    throw new HubError('unwrap-failed', 'this envelope does not open with this key pair and this context');
  }
  return key;
}

/** The public values of one wrap. */
interface Bound {
  readonly encapsulation: Uint8Array;
  readonly clientPublic: Uint8Array;
  readonly context: Uint8Array;
}

function bindingOf(
  backend: Backend,
  suite: SuiteParameters,
  { encapsulation, clientPublic, context }: Bound,
): Uint8Array {
  return encodeBinding({
    suite: suite.name,
    hubPublic: boundForm(backend, suite, encapsulation),
    clientPublic: boundForm(backend, suite, clientPublic),
    context,
  });
}

/** Derives the wrapping key, and wipes the shared secret: JavaScript allows no stronger erasure. */
function deriveWrappingKey(
  backend: Backend,
  { wrappingKeyBytes: length }: SuiteParameters,
  { secret, salt, info }: { readonly secret: Uint8Array; readonly salt: Uint8Array; readonly info: Uint8Array },
): Uint8Array {
  const wrappingKey = backend.hkdf(secret, { salt, info, length });
  secret.fill(0);
  return wrappingKey;
}
