/** The hub's side: hands one key to one client, under a key pair made for this one wrap. */
import { backend } from '#backend';
import { checkBytes } from '../encoding/bytes.ts';
import { checkPublicKeyForm } from '../keys/key-pair.ts';
import { DEFAULT_SUITE, type Suite, suiteNamed } from '../keys/suite.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { checkContext } from './context.ts';
import { type Envelope, encodeEnvelope, MAX_KEY, MIN_KEY } from './envelope.ts';
import { wrapKey } from './wrap.ts';

export interface ExchangeOptions {
  /** The suite of the client's key; `P-384` when left out. */
  readonly suite?: Suite;
  /** Replaces the platform's generator, for tests and simulations: the same bytes give the same envelope. */
  readonly random?: RandomBytes;
}

/**
 * Wraps `key` so that only the owner of `clientPublic` can read it, and only for this `context`.
 *
 * Random bytes are drawn in this order: the ephemeral private key (48 bytes for P-384, else 32; drawn again while out of
 * the curve's range), the salt (16), the iv (12).
 *
 * @param clientPublic the client's public key: P-384 97 bytes, P-256 65 bytes, X25519 32 bytes
 * @param key the key to hand over: 16 to 64 bytes
 * @param context what the key is for: up to 512 bytes that the client must name again
 * @throws HubError `invalid-public-key`, `invalid-key`, `invalid-argument`
 */
export function hubExchange(
  clientPublic: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
  options: ExchangeOptions = {},
): Envelope {
  const suite = suiteNamed(options.suite ?? DEFAULT_SUITE, 'invalid-argument');
  checkPublicKeyForm(clientPublic, suite);
  checkBytes(key, 'the key to hand over', MIN_KEY, MAX_KEY, 'invalid-key');
  checkContext(context);
  return wrapKey(backend, suite, options.random ?? secureRandom, clientPublic, key, context);
}

/** `hubExchange`, encoded for the wire by `encodeEnvelope`. */
export function sendKeyToClient(
  clientPublic: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
  options: ExchangeOptions = {},
): Uint8Array {
  return encodeEnvelope(hubExchange(clientPublic, key, context, options));
}
