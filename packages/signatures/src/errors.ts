/** The error class of this package, its codes, and the errors for private keys in any form. */

/** Reasons for which this package throws. */
export type SignatureErrorCode =
  /** The password is empty. A private key is not stored without protection. */
  | 'empty-password'
  /** The password does not open this key. Ask for it again. */
  | 'wrong-password'
  /** The private key is damaged, is not encrypted where it must be (or the reverse), or demands more work than allowed. */
  | 'invalid-private-key'
  /** The private key is sound, but of another type or curve, or encrypted in another way than this package reads. */
  | 'unsupported-key'
  /** The input is not a public key of the expected curve in canonical SPKI form, or as a sound JWK. */
  | 'invalid-public-key'
  /** The input is not a signature of the curve in the named encoding. Only conversions throw it; verification returns false. */
  | 'malformed-signature'
  /** An argument has the wrong type or value: an empty domain field, an unknown format or curve, a string that is no Unicode text. */
  | 'invalid-argument'
  /** The data begins like a domain-separated message, which the functions without a domain do not sign. */
  | 'reserved-data'
  /** The challenge was never issued, has been used, or was dropped; or the text is not a challenge. */
  | 'unknown-challenge'
  /** The challenge was answered after its lifetime. */
  | 'expired-challenge'
  /** The challenge was issued for another purpose. */
  | 'wrong-purpose'
  /** The challenge was issued on another channel. */
  | 'wrong-channel'
  /** The answer's signature is malformed or wrong, or the user is unknown. The error does not say which. */
  | 'wrong-answer';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class SignatureError extends Error {
  /** The name of the class. */
  override readonly name = 'SignatureError';
  /** The reason; stable across versions. */
  readonly code: SignatureErrorCode;

  constructor(code: SignatureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the error for a private key that cannot be read, in whatever form. */
export function damagedKey(how: string): SignatureError {
  return new SignatureError('invalid-private-key', `the private key cannot be read: ${how}; restore it from a copy`);
}

/** Returns the error for a private key in another form than PKCS #8, which may be sound. */
export function otherKeyForm(): SignatureError {
  return new SignatureError(
    'unsupported-key',
    'the private key is in another form than PKCS #8: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`',
  );
}

/**
 * Returns the error for a private key of another type or curve, in whatever form.
 *
 * @param curve the name of the curve that the caller expects
 */
export function unsupportedKey(curve: string): SignatureError {
  return new SignatureError(
    'unsupported-key',
    `the private key is not a ${curve} key that names its curve and contains its public key (uncompressed): make one with createSerializedKeys or \`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:${curve}\``,
  );
}
