/**
 * The two encodings of a signature: DER (Ecdsa-Sig-Value, RFC 3279, section 2.2.3) and IEEE P1363 (r and s, each as long as a
 * scalar of the curve). The caller always names the encoding. It is never guessed, because that would give one signature two forms.
 */
import { isBytes } from '@noble/hashes/utils.js';
import { SignatureError } from '../errors.ts';
import { entryOf } from '../input.ts';
import { type CurveOptions, type CurveParameters, curveOf } from './curve.ts';
import { sequence, tag, unsigned } from './der.ts';
import { isLow, isPublicScalar, negate } from './scalar.ts';

/**
 * - `der`: Ecdsa-Sig-Value (RFC 3279), at most 104 bytes for P-384 and 72 for P-256: openssl, pyca, X.509.
 * - `p1363`: r and s, 96 bytes for P-384 and 64 for P-256: Web Crypto, JOSE.
 */
export type SignatureEncoding = 'der' | 'p1363';

/** r and s, each in [1, n - 1]: big-endian, at most as long as a scalar. */
interface SignaturePair {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

/** Converts between an encoding and the DER that backends take. */
interface Codec {
  /** Converts sound DER to the encoding. */
  fromDer(der: Uint8Array, curve: CurveParameters): Uint8Array;
  /** Converts to DER. Returns `null` for anything malformed. */
  toDer(signature: Uint8Array, curve: CurveParameters): Uint8Array | null;
  /** Returns r and s, or `null` for anything malformed. */
  decode(signature: Uint8Array, curve: CurveParameters): SignaturePair | null;
}

const codecs: Readonly<Record<SignatureEncoding, Codec>> = {
  der: {
    fromDer: (der) => der,
    toDer: (signature, curve) => (isBytes(signature) && isDerSignature(signature, curve) ? signature : null),
    decode: decodeDer,
  },
  p1363: {
    fromDer: p1363Of,
    toDer(signature, curve) {
      const pair = isBytes(signature) ? decodeP1363(signature, curve) : null;
      return pair && derOf(pair);
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
  return entryOf(codecs, encoding, 'format');
}

/**
 * Converts a signature from DER to P1363. Nothing is verified.
 *
 * @param signature strict DER
 * @returns 96 bytes for P-384, 64 for P-256
 * @throws SignatureError `malformed-signature` for any DER but the canonical one, and for r or s outside [1, n - 1];
 *   `invalid-argument` for unknown options
 */
export function derToP1363(signature: Uint8Array, options: CurveOptions = {}): Uint8Array {
  return p1363Of(signature, curveOf(options));
}

/**
 * Converts a signature from P1363 to DER. Nothing is verified.
 *
 * @param signature 96 bytes for P-384, 64 for P-256
 * @returns strict DER, at most 104 bytes for P-384 and 72 for P-256
 * @throws SignatureError `malformed-signature` for another length, and for r or s outside [1, n - 1]; `invalid-argument` for
 *   unknown options
 */
export function p1363ToDer(signature: Uint8Array, options: CurveOptions = {}): Uint8Array {
  const curve = curveOf(options);
  const der = codecs.p1363.toDer(signature, curve);
  if (der === null) throw malformed('p1363', curve);
  return der;
}

/**
 * Returns whether a signature has this encoding and a low s: at most (n - 1) / 2. If (r, s) is a valid signature, (r, n - s) is
 * another one of the same data. One of the two has a low s. Nothing is verified.
 *
 * @param encoding `der` if omitted
 * @returns false for anything malformed
 * @throws SignatureError `invalid-argument` for another encoding and unknown options
 */
export function isLowS(
  signature: Uint8Array,
  encoding: SignatureEncoding = 'der',
  options: CurveOptions = {},
): boolean {
  return hasLowS(signature, signatureCodec(encoding), curveOf(options));
}

/** Returns whether a signature is sound in the encoding of this codec and has a low s. */
export function hasLowS(signature: Uint8Array, { decode }: Codec, curve: CurveParameters): boolean {
  const pair = isBytes(signature) ? decode(signature, curve) : null;
  return pair !== null && isLow(pair.s, curve);
}

/**
 * Returns the one of (r, s) and (r, n - s) that has the low s. Both are valid for the same data and key, or neither. Nothing is
 * verified.
 *
 * @param encoding `der` if omitted
 * @throws SignatureError `malformed-signature` if the signature does not have this encoding; `invalid-argument` for another
 *   encoding and unknown options
 */
export function toLowS(
  signature: Uint8Array,
  encoding: SignatureEncoding = 'der',
  options: CurveOptions = {},
): Uint8Array {
  const { decode, fromDer } = signatureCodec(encoding);
  const curve = curveOf(options);
  const pair = isBytes(signature) ? decode(signature, curve) : null;
  if (pair === null) throw malformed(encoding, curve);
  return isLow(pair.s, curve) ? signature : fromDer(derOf({ r: pair.r, s: negate(pair.s, curve) }), curve);
}

/** Returns whether these bytes are the one DER encoding of an r and an s in [1, n - 1]. */
export function isDerSignature(bytes: Uint8Array, curve: CurveParameters): boolean {
  return decodeDer(bytes, curve) !== null;
}

function derOf({ r, s }: SignaturePair): Uint8Array {
  return sequence(unsigned(r), unsigned(s));
}

function p1363Of(der: Uint8Array, curve: CurveParameters): Uint8Array {
  const pair = isBytes(der) ? decodeDer(der, curve) : null;
  if (pair === null) throw malformed('der', curve);
  const { r, s } = pair;
  const bytes = new Uint8Array(2 * curve.scalarBytes);
  bytes.set(r, curve.scalarBytes - r.length);
  bytes.set(s, bytes.length - s.length);
  return bytes;
}

/**
 * Decodes strict DER. Both halves of the range of s are accepted, because openssl makes both; `isLowS` and the option
 * `lowS` of `importVerifier` accept one. Servers do this for each message, so it goes over the bytes once. Returns views, not copies.
 */
function decodeDer(bytes: Uint8Array, curve: CurveParameters): SignaturePair | null {
  // An r and an s in range have less than 128 bytes, so every length has one byte.
  if (bytes.length > 0x7f || bytes[0] !== tag.sequence || bytes[1] !== bytes.length - 2) return null;
  const r = integerAt(bytes, 2);
  const s = r && integerAt(bytes, 4 + (bytes[3] ?? 0));
  if (r === null || s === null || s.byteOffset + s.length !== bytes.byteOffset + bytes.length) return null;
  return inRange({ r, s }, curve);
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
function decodeP1363(bytes: Uint8Array, curve: CurveParameters): SignaturePair | null {
  if (bytes.length !== 2 * curve.scalarBytes) return null;
  return inRange({ r: bytes.subarray(0, curve.scalarBytes), s: bytes.subarray(curve.scalarBytes) }, curve);
}

function inRange(pair: SignaturePair, curve: CurveParameters): SignaturePair | null {
  return isPublicScalar(pair.r, curve) && isPublicScalar(pair.s, curve) ? pair : null;
}

function malformed(encoding: SignatureEncoding, { name, scalarBytes }: CurveParameters): SignatureError {
  const expected = encoding === 'der' ? 'an Ecdsa-Sig-Value in DER' : `r and s of ${scalarBytes} bytes each`;
  return new SignatureError('malformed-signature', `not a ${name} signature: expected ${expected}, both in range`);
}
