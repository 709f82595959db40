/**
 * The envelope: what travels from the hub to one client. All of it may be public.
 *
 *     version (1) | suite (1) | key length (1) | public key | salt (16) | iv (12) | ciphertext (key length + 16)
 */
import { checkBytes, concat } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { checkPublicKeyForm } from '../keys/key-pair.ts';
import { type Suite, type SuiteParameters, suiteNamed, suiteWithId } from '../keys/suite.ts';

/** One key, wrapped for one client. */
export interface Envelope {
  readonly suite: Suite;
  /** The hub's ephemeral public key, in the form of `KeyPair`'s. */
  readonly publicKey: Uint8Array;
  /** HKDF's salt: 16 bytes. */
  readonly salt: Uint8Array;
  /** AES-GCM's nonce: 12 bytes. */
  readonly iv: Uint8Array;
  /** As many bytes as the key has, then the 16 of the tag. */
  readonly ciphertext: Uint8Array;
}

/** All in bytes. */
export const MIN_KEY = 16;
export const MAX_KEY = 64;
export const SALT = 16;
export const IV = 12;
const TAG = 16;

const VERSION = 1;
const HEADER = 3;

/**
 * The envelope as bytes: 176 for a 32-byte key under P-384, 144 under P-256, 111 under X25519.
 *
 * @throws HubError `invalid-envelope` or `invalid-public-key` when a field is missing or has the wrong size
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const suite = checkEnvelope(envelope);
  const { publicKey, salt, iv, ciphertext } = envelope;
  return concat([Uint8Array.of(VERSION, suite.id, ciphertext.length - TAG), publicKey, salt, iv, ciphertext]);
}

/**
 * The envelope that these bytes are, in memory of its own. Strict: one version, known suites, the exact length.
 *
 * @throws HubError `invalid-envelope`, or `invalid-public-key` for a point that is not in the uncompressed form
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  checkBytes(bytes, 'an envelope', HEADER, Number.MAX_SAFE_INTEGER, 'invalid-envelope');
  const [version, id = 0, keyBytes = 0] = bytes;
  if (version !== VERSION) {
    throw new HubError('invalid-envelope', `this envelope has version ${version}, known is ${VERSION}: update`);
  }
  const suite = suiteWithId(id);
  if (suite === undefined) throw new HubError('invalid-envelope', `this envelope has the unknown suite ${id}: update`);

  const length = HEADER + suite.publicKeyBytes + SALT + IV + keyBytes + TAG;
  if (bytes.length !== length) {
    throw new HubError(
      'invalid-envelope',
      `this envelope should be ${length} bytes and is ${bytes.length}: it is cut or extended`,
    );
  }
  let offset = HEADER;
  const take = (size: number) => {
    offset += size;
    return new Uint8Array(bytes.subarray(offset - size, offset));
  };
  const envelope = {
    suite: suite.name,
    publicKey: take(suite.publicKeyBytes),
    salt: take(SALT),
    iv: take(IV),
    ciphertext: take(keyBytes + TAG),
  };
  checkEnvelope(envelope);
  return envelope;
}

/** Throws `invalid-envelope` or `invalid-public-key` unless every field has its size and form; returns the suite. */
export function checkEnvelope(envelope: Envelope): SuiteParameters {
  if (typeof envelope !== 'object' || envelope === null) {
    throw new HubError('invalid-envelope', 'an envelope must be an Envelope or its bytes');
  }
  const suite = suiteNamed(envelope.suite, 'invalid-envelope');
  checkPublicKeyForm(envelope.publicKey, suite);
  checkBytes(envelope.salt, "an envelope's salt", SALT, SALT, 'invalid-envelope');
  checkBytes(envelope.iv, "an envelope's iv", IV, IV, 'invalid-envelope');
  checkBytes(envelope.ciphertext, "an envelope's ciphertext", MIN_KEY + TAG, MAX_KEY + TAG, 'invalid-envelope');
  return suite;
}
