/**
 * The envelope: the bytes that the hub sends to one client. All of it may be public.
 *
 *     version (1) | suite (1) | key length (1) | public key | salt (16) | iv (12) | ciphertext (key length + 16)
 */
import { concat, requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { requireEncapsulationForm } from '../keys/public-key.ts';
import { requireSuite, type Suite, type SuiteParameters, suiteOfId } from '../suite.ts';

/** One key, wrapped for one client. */
export interface Envelope {
  /** The suite of `publicKey` and of the client's keys. */
  readonly suite: Suite;
  /** The hub's ephemeral public key, in the form of `KeyPair.publicKey`. With X-Wing, the encapsulation: 1120 bytes. */
  readonly publicKey: Uint8Array;
  /** The salt of HKDF: 16 bytes. */
  readonly salt: Uint8Array;
  /** The nonce of AES-GCM: 12 bytes. */
  readonly iv: Uint8Array;
  /** The encrypted key, as long as the key itself, and the tag of 16 bytes. */
  readonly ciphertext: Uint8Array;
}

/** The size of the shortest key that an envelope carries. */
export const minKeyBytes = 16;
/** The size of the longest key that an envelope carries. */
export const maxKeyBytes = 64;
/** The size of an envelope's salt. */
export const saltBytes = 16;
/** The size of an envelope's iv. */
export const ivBytes = 12;
const tagBytes = 16;

const formatVersion = 1;
const headerBytes = 3;

/**
 * Encodes an envelope: 176 bytes for a 32-byte key with P-384, 144 with P-256, 111 with X25519, 1199 with X-Wing.
 *
 * @throws HubError `invalid-envelope` or `invalid-public-key` if a field is missing or has the wrong size
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const suite = requireEnvelope(envelope);
  const { publicKey, salt, iv, ciphertext } = envelope;
  const header = Uint8Array.of(formatVersion, suite.id, ciphertext.length - tagBytes);
  return concat([header, publicKey, salt, iv, ciphertext]);
}

/**
 * Decodes an envelope. Accepts one version, the known suites and the exact length only.
 *
 * @returns the envelope, in memory of its own
 * @throws HubError `invalid-envelope`, or `invalid-public-key` if the point is not in the uncompressed form
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  requireBytes(bytes, 'an envelope', {
    minBytes: headerBytes,
    maxBytes: Number.MAX_SAFE_INTEGER,
    code: 'invalid-envelope',
  });
  const [version, id = 0, keyBytes = 0] = bytes;
  if (version !== formatVersion) {
    throw new HubError(
      'invalid-envelope',
      `this envelope has version ${version}, known is ${formatVersion}: it is damaged or cut, or needs an update`,
    );
  }
  const suite = suiteOfId(id);
  if (suite === null)
    throw new HubError(
      'invalid-envelope',
      `this envelope has the unknown suite ${id}: it is damaged or cut, or needs an update`,
    );

  const length = headerBytes + suite.encapsulationBytes + saltBytes + ivBytes + keyBytes + tagBytes;
  if (bytes.length !== length) {
    throw new HubError(
      'invalid-envelope',
      `this envelope should be ${length} bytes and is ${bytes.length}: it is cut or extended`,
    );
  }
  let offset = headerBytes;
  const take = (size: number) => {
    offset += size;
    return new Uint8Array(bytes.subarray(offset - size, offset));
  };
  const envelope = {
    suite: suite.name,
    publicKey: take(suite.encapsulationBytes),
    salt: take(saltBytes),
    iv: take(ivBytes),
    ciphertext: take(keyBytes + tagBytes),
  };
  requireEnvelope(envelope);
  return envelope;
}

/**
 * Checks the size and the form of every field.
 *
 * @returns the parameters of the envelope's suite
 * @throws HubError `invalid-envelope`, `invalid-public-key`
 */
export function requireEnvelope(envelope: Envelope): SuiteParameters {
  if (typeof envelope !== 'object' || envelope === null) {
    throw new HubError('invalid-envelope', 'an envelope must be an Envelope or its bytes');
  }
  const code = 'invalid-envelope';
  const suite = requireSuite(envelope.suite, code);
  requireEncapsulationForm(envelope.publicKey, suite);
  requireBytes(envelope.salt, "an envelope's salt", { minBytes: saltBytes, maxBytes: saltBytes, code });
  requireBytes(envelope.iv, "an envelope's iv", { minBytes: ivBytes, maxBytes: ivBytes, code });
  requireBytes(envelope.ciphertext, "an envelope's ciphertext", {
    minBytes: minKeyBytes + tagBytes,
    maxBytes: maxKeyBytes + tagBytes,
    code,
  });
  return suite;
}
