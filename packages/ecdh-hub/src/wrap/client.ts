/** The client's side of a wrap: creates a key pair, and unwraps the key that the hub wrapped for it. */
import { backend } from '#backend';
import { HubError } from '../errors.ts';
import { generateKeyPair, type KeyPair, requireKeyPair } from '../keys/key-pair.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { defaultSuite, requireSuite, type Suite } from '../suite.ts';
import { requireContext } from './context.ts';
import { decodeEnvelope, type Envelope, requireEnvelope } from './envelope.ts';
import { unwrapKey } from './wrap.ts';

/**
 * Creates a key pair. Give the hub the public key in a way that it can verify, for example signed.
 *
 * @param suite `P-384` if omitted
 * @param random draws the private key: 48 bytes for P-384, else 32; again while the draw is out of the curve's range. The
 *   platform's generator if omitted
 * @throws HubError `invalid-argument`
 */
export function clientCreateKeys(suite: Suite = defaultSuite, random: RandomBytes = secureRandom): KeyPair {
  return generateKeyPair(backend, requireSuite(suite, 'invalid-argument'), random);
}

/**
 * Unwraps the key in an envelope that a hub made for this key pair and this context.
 *
 * @param clientKeys the pair whose public key the hub used
 * @param envelope the result of `hubExchange`, or its bytes from `sendKeyToClient`
 * @param context the same bytes that the hub passed, at most 512
 * @returns the key, 16 to 64 bytes
 * @throws HubError `unwrap-failed` for another pair, another context or a damaged envelope, without saying which;
 *   `invalid-envelope` or `invalid-public-key` for what is not an envelope, or is one of another suite;
 *   `invalid-private-key` or `invalid-argument` for wrong arguments, such as a pair whose halves do not belong together
 */
export function getKeyFromHub(clientKeys: KeyPair, envelope: Envelope | Uint8Array, context: Uint8Array): Uint8Array {
  const suite = requireKeyPair(clientKeys);
  requireContext(context);
  const parsed = envelope instanceof Uint8Array ? decodeEnvelope(envelope) : envelope;
  if (requireEnvelope(parsed) !== suite) {
    throw new HubError('invalid-envelope', `this envelope is for ${parsed.suite}, the key pair is ${suite.name}`);
  }
  return unwrapKey(backend, { keys: clientKeys, envelope: parsed, context });
}
