/** The client's side: makes a key pair, and reads what the hub wrapped for it. */
import { backend } from '#backend';
import { HubError } from '../errors.ts';
import { checkKeyPair, generateKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { DEFAULT_SUITE, type Suite, suiteNamed } from '../keys/suite.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { checkContext } from './context.ts';
import { checkEnvelope, decodeEnvelope, type Envelope } from './envelope.ts';
import { unwrapKey } from './wrap.ts';

/**
 * A new key pair. Give the hub the public key in a way that it can trust, for example signed.
 *
 * @param random draws the private key: 48 bytes for P-384, else 32; drawn again while out of the curve's range
 * @throws HubError `invalid-argument`
 */
export function clientCreateKeys(suite: Suite = DEFAULT_SUITE, random: RandomBytes = secureRandom): KeyPair {
  return generateKeyPair(backend, suiteNamed(suite, 'invalid-argument'), random);
}

/**
 * The key in an envelope that a hub wrapped for this key pair and this context.
 *
 * @param clientKeys the pair whose public key the hub was given
 * @param envelope from `hubExchange`, or its bytes from `sendKeyToClient`
 * @param context the same bytes that the hub named
 * @throws HubError `unwrap-failed` for a wrong pair, a wrong context or a damaged envelope, without saying which;
 *   `invalid-envelope` and `invalid-public-key` for what is no envelope at all, or is one of another suite;
 *   `invalid-private-key` and `invalid-argument` for misuse
 */
export function getKeyFromHub(clientKeys: KeyPair, envelope: Envelope | Uint8Array, context: Uint8Array): Uint8Array {
  const suite = suiteNamed(clientKeys.suite, 'invalid-argument');
  checkKeyPair(clientKeys, suite);
  checkContext(context);
  const parsed = envelope instanceof Uint8Array ? decodeEnvelope(envelope) : envelope;
  if (checkEnvelope(parsed) !== suite) {
    throw new HubError('invalid-envelope', `this envelope is for ${parsed.suite}, the key pair is ${suite.name}`);
  }
  return unwrapKey(backend, clientKeys, parsed, context);
}
