/** The one error class of this library: a stable `code` for programs, a message with cause and remedy for people. */

/**
 * - `empty-password`: a key must not be stored without protection; ask for a password.
 * - `wrong-password`: the password does not open this key; ask again.
 * - `invalid-private-key`: the key file is damaged, not encrypted, or demands more work than the limits allow.
 * - `unsupported-key`: the file is sound, but holds another kind of key or another kind of encryption.
 * - `invalid-public-key`: not a P-384 public key in canonical SPKI form.
 * - `invalid-argument`: a mistake of the calling code: wrong type, empty domain field, or a string that is not Unicode
 *   text.
 * - `reserved-data`: the plain functions refuse to sign what would pass for a domain-separated signature.
 */
export type SignatureErrorCode =
  | 'empty-password'
  | 'wrong-password'
  | 'invalid-private-key'
  | 'unsupported-key'
  | 'invalid-public-key'
  | 'invalid-argument'
  | 'reserved-data';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureErrorCode;

  constructor(code: SignatureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
