/**
 * The two encodings of a signature: DER (Ecdsa-Sig-Value, RFC 3279, section 2.2.3) and IEEE P1363 (r and s, 48 bytes each).
 * The caller always names the encoding. It is never guessed, because that would give one signature two forms.
 */
import { isBytes } from '@noble/hashes/utils.js';
import { SignatureError } from '../errors.ts';
import { formatOf } from '../input.ts';
import { sequence, tag, unsigned } from './der.ts';
import { isLow, isPublicScalar, negate, scalarBytes } from './p384.ts';

/**
 * - `der`: Ecdsa-Sig-Value (RFC 3279), at most 104 bytes: openssl, pyca, X.509.
 * - `p1363`: r and s, 96 bytes: Web Crypto, JOSE.
 */
export type SignatureEncoding = 'der' | 'p1363';

/** r and s, each in [1, n - 1]: big-endian, at most 48 bytes. */
interface SignaturePair {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

/** Converts between an encoding and the DER that backends take. */
interface Codec {
  /** Converts sound DER to the encoding. */
  fromDer(der: Uint8Array): Uint8Array;
  /** Converts to DER. Returns `null` for anything malformed. */
  toDer(signature: Uint8Array): Uint8Array | null;
  /** Returns r and s, or `null` for anything malformed. */
  decode(signature: Uint8Array): SignaturePair | null;
}

const p1363Bytes = 2 * scalarBytes;

const codecs: Readonly<Record<SignatureEncoding, Codec>> = {
  der: {
    fromDer: (der) => der,
    toDer: (signature) => (isBytes(signature) && isDerSignature(signature) ? signature : null),
    decode: decodeDer,
  },
  p1363: {
    fromDer: derToP1363,
    toDer(signature) {
      const pair = isBytes(signature) ? decodeP1363(signature) : null;
      return pair && sequence(unsigned(pair.r), unsigned(pair.s));
    },
    decode: decodeP1363,
  },
};

/**
 * Returns the codec of an encoding.
 *
 * @throws SignatureError `invalid-argument` for another name
 */
export function signatureCodec(encoding: SignatureEncoding): Codec {
  return formatOf(codecs, encoding);
}

/**
 * Converts a signature from DER to P1363. Nothing is verified.
 *
 * @param signature strict DER
 * @returns 96 bytes
 * @throws SignatureError `malformed-signature` for any DER but the canonical one, and for r or s outside [1, n - 1]
 */
export function derToP1363(signature: Uint8Array): Uint8Array {
  const pair = isBytes(signature) ? decodeDer(signature) : null;
  if (pair === null) throw malformed('an Ecdsa-Sig-Value in DER');
  const { r, s } = pair;
  const bytes = new Uint8Array(p1363Bytes);
  bytes.set(r, scalarBytes - r.length);
  bytes.set(s, p1363Bytes - s.length);
  return bytes;
}

/**
 * Converts a signature from P1363 to DER. Nothing is verified.
 *
 * @param signature 96 bytes
 * @returns strict DER, at most 104 bytes
 * @throws SignatureError `malformed-signature` for another length, and for r or s outside [1, n - 1]
 */
export function p1363ToDer(signature: Uint8Array): Uint8Array {
  const der = codecs.p1363.toDer(signature);
  if (der === null) throw malformed('r and s of 48 bytes each');
  return der;
}

/**
 * Returns whether a signature has this encoding and a low s: at most (n - 1) / 2. If (r, s) is a valid signature, (r, n - s) is
 * another one of the same data. One of the two has a low s. Nothing is verified.
 *
 * @param encoding `der` if omitted
 * @returns false for anything malformed
 * @throws SignatureError `invalid-argument` for another encoding
 */
export function isLowS(signature: Uint8Array, encoding: SignatureEncoding = 'der'): boolean {
  const { decode } = signatureCodec(encoding);
  const pair = isBytes(signature) ? decode(signature) : null;
  return pair !== null && isLow(pair.s);
}

/**
 * Returns the one of (r, s) and (r, n - s) that has the low s. Both are valid for the same data and key, or neither. Nothing is
 * verified.
 *
 * @param encoding `der` if omitted
 * @throws SignatureError `malformed-signature` if the signature does not have this encoding; `invalid-argument` for another
 *   encoding
 */
export function toLowS(signature: Uint8Array, encoding: SignatureEncoding = 'der'): Uint8Array {
  const { toDer, fromDer } = signatureCodec(encoding);
  const der = toDer(signature);
  const pair = der && decodeDer(der);
  if (pair === null) throw malformed(encoding === 'der' ? 'an Ecdsa-Sig-Value in DER' : 'r and s of 48 bytes each');
  return isLow(pair.s) ? signature : fromDer(sequence(unsigned(pair.r), unsigned(negate(pair.s))));
}

/** Returns whether these bytes are the one DER encoding of an r and an s in [1, n - 1]. */
export function isDerSignature(bytes: Uint8Array): boolean {
  return decodeDer(bytes) !== null;
}

/**
 * Decodes strict DER. Both halves of the range of s are accepted, because openssl makes both; `isLowS` and the option
 * `lowS` of `importVerifier` accept one. Servers do this for each message, so it goes over the bytes once. Returns views, not copies.
 */
function decodeDer(bytes: Uint8Array): SignaturePair | null {
  // An r and an s in range have less than 128 bytes, so every length has one byte.
  if (bytes.length > 0x7f || bytes[0] !== tag.sequence || bytes[1] !== bytes.length - 2) return null;
  const r = integerAt(bytes, 2);
  const s = r && integerAt(bytes, 4 + (bytes[3] ?? 0));
  if (r === null || s === null || s.byteOffset + s.length !== bytes.byteOffset + bytes.length) return null;
  return isPublicScalar(r) && isPublicScalar(s) ? { r, s } : null;
}

/** Returns the magnitude of the positive INTEGER that begins at this place, without leading zeros; `null` if there is none. */
function integerAt(bytes: Uint8Array, at: number): Uint8Array | null {
  const [length, first, second] = [bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  const start = at + 2;
  const end = start + length;
  if (bytes[at] !== tag.integer || length === 0 || end > bytes.length || first >= 0x80) return null;
  // A zero stands only before a digit that would make the number negative.
  if (first === 0 && (length === 1 || second < 0x80)) return null;
  return bytes.subarray(first === 0 ? start + 1 : start, end);
}

/** Returns views, not copies. */
function decodeP1363(bytes: Uint8Array): SignaturePair | null {
  if (bytes.length !== p1363Bytes) return null;
  const r = bytes.subarray(0, scalarBytes);
  const s = bytes.subarray(scalarBytes);
  return isPublicScalar(r) && isPublicScalar(s) ? { r, s } : null;
}

function malformed(expected: string): SignatureError {
  return new SignatureError('malformed-signature', `not a P-384 signature: expected ${expected}, both in range`);
}
