/** What is said of a private key that cannot be used, whatever form it came in. */
import { SignatureError } from './errors.ts';

export function damagedKey(how: string): SignatureError {
  return new SignatureError('invalid-private-key', `The private key cannot be read: ${how}. Restore it from a copy.`);
}

export function unsupportedKey(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'Only P-384 keys that name their curve and contain their public key (uncompressed) are supported. Make one with createSerializedKeys or `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384`.',
  );
}
