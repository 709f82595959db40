/** The one error class of this library: a stable `code` for programs, a message with cause and remedy for people. */

/**
 * - `empty-password`: a key must not be stored without protection; ask for a password.
 * - `wrong-password`: the password does not open this key; ask again.
 * - `invalid-private-key`: the key file is damaged, not encrypted, or demands more work than the limits allow.
 * - `unsupported-key`: the file is sound, but holds another kind of key or another kind of encryption.
 * - `invalid-public-key`: not a P-384 public key in canonical SPKI form, or as a sound JWK.
 * - `malformed-signature`: not a signature in the encoding named. Only conversions say so: verifying says false.
 * - `invalid-argument`: a mistake of the calling code: wrong type, empty domain field, an unknown
 *   format, or a string that is not Unicode text.
 * - `reserved-data`: the plain functions refuse to sign what would pass for a domain-separated signature.
 * - `unknown-challenge`, `expired-challenge`, `wrong-purpose`, `wrong-channel`, `wrong-answer`: see `verifyChallenge`.
 */
export type SignatureErrorCode =
  | 'empty-password'
  | 'wrong-password'
  | 'invalid-private-key'
  | 'unsupported-key'
  | 'invalid-public-key'
  | 'malformed-signature'
  | 'invalid-argument'
  | 'reserved-data'
  | 'unknown-challenge'
  | 'expired-challenge'
  | 'wrong-purpose'
  | 'wrong-channel'
  | 'wrong-answer';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureErrorCode;

  constructor(code: SignatureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
