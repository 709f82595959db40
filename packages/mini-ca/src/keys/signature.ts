/** Signs with a private key of any kind. */
import { type KeyObject, sign } from 'node:crypto';
import { CaError } from '../errors.ts';

/**
 * Returns the signature of a private key. `node:crypto` reads keys with which nothing can be signed, such as one whose private value is not
 * below the order of its curve.
 *
 * @param digest null for Ed25519
 * @throws CaError `malformed` when the key makes no signature
 */
export function signatureBy(privateKey: KeyObject, digest: string | null, data: Uint8Array): Buffer {
  try {
    return sign(digest, data, privateKey);
  } catch {
    throw new CaError('malformed', 'no signature can be made with this private key: it is damaged, use a copy');
  }
}
