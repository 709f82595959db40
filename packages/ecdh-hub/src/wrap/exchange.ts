/** The hub's side of a wrap: hands one key to one client, under a key pair made for this one wrap. */
import { backend } from '#backend';
import { requireBytes } from '../encoding/bytes.ts';
import { requireNames } from '../input.ts';
import { requirePublicKeyForm } from '../keys/public-key.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { defaultSuite, requireSuite, type Suite } from '../suite.ts';
import { requireContext } from './context.ts';
import { type Envelope, encodeEnvelope, maxKeyBytes, minKeyBytes } from './envelope.ts';
import { wrapKey } from './wrap.ts';

/** Options of `hubExchange` and `sendKeyToClient`. */
export interface ExchangeOptions {
  /** The suite of the client's key. `P-384` if omitted. */
  readonly suite?: Suite;
  /**
   * Replaces the platform's generator, for tests and simulations: the same bytes give the same envelope. It is called in
   * this order: ephemeral private key (48 bytes for P-384, 64 for X-Wing, else 32; again while out of the curve's range), salt
   * (16 bytes), iv (12 bytes). With X-Wing, an omitted generator also saves time on Node, which draws in OpenSSL.
   */
  readonly random?: RandomBytes;
}

/**
 * Wraps a key so that only the owner of `clientPublic` can read it, and only for this context.
 *
 * @param clientPublic the client's public key: P-384 97 bytes, P-256 65 bytes, X25519 32 bytes, X-Wing 1216 bytes
 * @param key the key to hand over: 16 to 64 bytes
 * @param context what the key is for: at most 512 bytes, which the client must pass again
 * @throws HubError `invalid-public-key`, `invalid-key`, `invalid-argument`
 */
export function hubExchange(
  clientPublic: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
  options: ExchangeOptions = {},
): Envelope {
  requireNames(options, ['suite', 'random']);
  const suite = requireSuite(options.suite ?? defaultSuite, 'invalid-argument');
  requirePublicKeyForm(clientPublic, suite);
  requireBytes(key, 'the key to hand over', { minBytes: minKeyBytes, maxBytes: maxKeyBytes, code: 'invalid-key' });
  requireContext(context);
  return wrapKey(backend, { suite, random: options.random ?? secureRandom, clientPublic, key, context });
}

/**
 * Wraps a key like `hubExchange` and encodes the envelope for the wire like `encodeEnvelope`.
 *
 * @param clientPublic the client's public key: P-384 97 bytes, P-256 65 bytes, X25519 32 bytes, X-Wing 1216 bytes
 * @param key the key to hand over: 16 to 64 bytes
 * @param context what the key is for: at most 512 bytes, which the client must pass again
 * @returns 176 bytes for a 32-byte key with P-384, 144 with P-256, 111 with X25519, 1199 with X-Wing
 * @throws HubError `invalid-public-key`, `invalid-key`, `invalid-argument`
 */
export function sendKeyToClient(
  clientPublic: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
  options: ExchangeOptions = {},
): Uint8Array {
  return encodeEnvelope(hubExchange(clientPublic, key, context, options));
}
