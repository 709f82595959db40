/**
 * The two ways to write a signature down. Which one is meant is always said and never guessed: a caller that accepts
 * either accepts two names for one thing.
 */
import { isBytes } from '@noble/hashes/utils.js';
import { SignatureError } from '../errors.ts';
import { formatOf } from '../input.ts';
import { decodeDerSignature, encodeDerSignature, isDerSignature } from './der-signature.ts';
import { decodeP1363Signature, encodeP1363Signature } from './p1363-signature.ts';

/**
 * - `der`: Ecdsa-Sig-Value (RFC 3279), at most 104 bytes: openssl, pyca, X.509.
 * - `p1363`: r and s, 96 bytes: Web Crypto, JOSE.
 */
export type SignatureEncoding = 'der' | 'p1363';

/** Between an encoding and the DER that engines take. */
interface Codec {
  /** Takes sound DER. */
  fromDer(der: Uint8Array): Uint8Array;
  /** Undefined for anything malformed. */
  toDer(signature: Uint8Array): Uint8Array | undefined;
}

const codecs: Readonly<Record<SignatureEncoding, Codec>> = {
  der: {
    fromDer: (der) => der,
    toDer: (signature) => (isBytes(signature) && isDerSignature(signature) ? signature : undefined),
  },
  p1363: {
    fromDer: derToP1363,
    toDer(signature) {
      const pair = isBytes(signature) ? decodeP1363Signature(signature) : undefined;
      return pair && encodeDerSignature(pair);
    },
  },
};

/** The codec of an encoding. Throws `invalid-argument` for another name. */
export function signatureCodec(encoding: SignatureEncoding): Codec {
  return formatOf(codecs, encoding);
}

/**
 * From strict DER to 96 bytes. Numbers are changed in form only: nothing is verified.
 *
 * Throws `malformed-signature` for any DER but the canonical one, and for r or s outside [1, n - 1].
 */
export function derToP1363(signature: Uint8Array): Uint8Array {
  const pair = isBytes(signature) ? decodeDerSignature(signature) : undefined;
  if (pair === undefined) throw malformed('an Ecdsa-Sig-Value in DER');
  return encodeP1363Signature(pair);
}

/**
 * From 96 bytes to strict DER. Numbers are changed in form only: nothing is verified.
 *
 * Throws `malformed-signature` for another length, and for r or s outside [1, n - 1].
 */
export function p1363ToDer(signature: Uint8Array): Uint8Array {
  const der = codecs.p1363.toDer(signature);
  if (der === undefined) throw malformed('r and s of 48 bytes each');
  return der;
}

function malformed(expected: string): SignatureError {
  return new SignatureError('malformed-signature', `Not a P-384 signature: expected ${expected}, both in range.`);
}
