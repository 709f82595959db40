/**
 * Signatures over data as it is, as `openssl dgst -sha256 -sign` makes them: to work with other software. Within a
 * protocol, use a `Domain`.
 */
import { backend } from '#backend';
import { type SignatureEncoding, signatureCodec } from '../encoding/signature-encoding.ts';
import { SignatureError } from '../errors.ts';
import { dataInput } from '../input.ts';
import { unlockKeyPair } from '../keys/encrypted-key.ts';
import { importPublicKey, type PublicKeyInput } from '../keys/public-key.ts';
import { isReserved } from './domain.ts';

/**
 * Signs bytes, or a string's UTF-8, with ECDSA over SHA-256: DER (RFC 3279), at most 104 bytes, if not
 * said otherwise. Unlocks the key every
 * time, which takes 0.1 s and more: to sign often, use `unlockSigner`.
 *
 * Throws what `unlockSigner` does, and `reserved-data` for data that begins like a domain-separated message, so that
 * nobody who chooses the data obtains a signature that counts in a protocol.
 */
export function createSignature(
  privatePem: string,
  data: Uint8Array | string,
  password: string,
  encoding: SignatureEncoding = 'der',
): Uint8Array {
  const { fromDer } = signatureCodec(encoding);
  const message = dataInput(data);
  if (isReserved(message)) {
    throw new SignatureError(
      'reserved-data',
      'This data would pass for a domain-separated message: sign it with a Signer.',
    );
  }
  return fromDer(backend.signer(unlockKeyPair(privatePem, password))(message));
}

/**
 * Whether the signature (strict DER if not said otherwise, r and s in range) over bytes or a string's UTF-8 is this
 * key's. False for anything malformed in the signature.
 *
 * Throws `invalid-public-key` as `importVerifier` does, `invalid-argument` for data that is neither bytes nor Unicode
 * text.
 */
export function verifySignature(
  publicKey: PublicKeyInput,
  signature: Uint8Array,
  data: Uint8Array | string,
  encoding: SignatureEncoding = 'der',
): boolean {
  const { verify } = importPublicKey(publicKey);
  const der = signatureCodec(encoding).toDer(signature);
  const message = dataInput(data);
  return der !== undefined && verify(message, der);
}
