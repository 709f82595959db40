/**
 * Signatures over data without a domain, as `openssl dgst -sha256 -sign` makes them, to work with other software. Within a
 * protocol, use a `Domain`.
 */
import { backend } from '#backend';
import { type CurveOptions, curveOf } from '../encoding/curve.ts';
import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { SignatureError } from '../errors.ts';
import { dataInput } from '../input.ts';
import { unlockKeyPair } from '../keys/encrypted-key.ts';
import { importPublicKey, type PublicKeyInput } from '../keys/public-key.ts';
import { isReserved } from './domain.ts';

/**
 * Signs data with ECDSA over SHA-256. Each call unlocks the key, which takes 0.1 s or more: to sign often, use
 * `unlockSigner`.
 *
 * @param data bytes, or a string, whose UTF-8 form is signed
 * @param encoding `der` if omitted
 * @returns DER (RFC 3279) or, for `p1363`, r and s, with a low s; `SignatureEncoding` states the sizes
 * @throws SignatureError `reserved-data` for data that begins like a domain-separated message, so that a person who chooses
 *   the data cannot obtain a signature that is valid in a protocol; `wrong-password`, `invalid-private-key`,
 *   `unsupported-key`, `invalid-argument`
 */
export function createSignature(
  privatePem: string,
  data: Uint8Array | string,
  password: string,
  encoding: SignatureEncoding = 'der',
  options: CurveOptions = {},
): Uint8Array {
  const { fromDer } = signatureCodec(encoding);
  const curve = curveOf(options);
  const message = dataInput(data);
  if (isReserved(message)) {
    throw new SignatureError('reserved-data', 'this data is like a domain-separated message: sign it with a Signer');
  }
  return fromDer(backend.signer(unlockKeyPair(privatePem, password, curve))(message), curve);
}

/**
 * Verifies that this key signed the data.
 *
 * @param signature in DER it must be strict; r and s must be in range
 * @param data bytes, or a string, whose UTF-8 form was signed
 * @param encoding `der` if omitted
 * @returns false for any other signature, malformed ones included
 * @throws SignatureError `invalid-public-key`, and `invalid-argument` for data that is neither bytes nor Unicode text, for
 *   another encoding and for unknown options
 */
export function verifySignature(
  publicKey: PublicKeyInput,
  signature: Uint8Array,
  data: Uint8Array | string,
  encoding: SignatureEncoding = 'der',
  options: CurveOptions = {},
): boolean {
  const { curve, verify } = importPublicKey(publicKey, curveOf(options));
  const der = signatureCodec(encoding).toDer(signature, curve);
  const message = dataInput(data);
  return der !== null && verify(message, der);
}
