/** What this library throws: one class, one stable `code` for each reason. Messages are for people and may change. */

/** The input itself is at fault: nothing about trust has been decided. */
export type InputErrorCode =
  /** Not one PEM block of the right label, not canonical DER, trailing bytes, over 64 KiB, or not the structure asked for. */
  | 'malformed'
  /** A key type, curve or signature algorithm that this library does not use. */
  | 'unsupported-algorithm'
  /** A key below the floor: RSA and DSA 2048 bits. */
  | 'weak-key'
  /** A signature over MD5, SHA-1 or SHA-224. */
  | 'weak-digest'
  /** A name that cannot stand in a certificate, or no name where one is needed. */
  | 'bad-name'
  /** An argument outside of its range: sizes, serial numbers, dates, lifetimes. */
  | 'bad-argument'
  /** An encrypted private key, and no password or the wrong one. */
  | 'wrong-password';

/** Issuing was refused. */
export type IssueErrorCode =
  /** The request is not signed by the key it carries. */
  | 'no-possession'
  /** The issuing certificate may not sign certificates. */
  | 'not-a-ca'
  /** The issuing certificate is not valid at the time of issue, or not for as long as was asked. */
  | 'issuer-not-valid'
  /** The issuing certificate and the issuing key do not belong together. */
  | 'key-mismatch';

/** A certificate was read and is not to be trusted. */
export type VerifyErrorCode =
  /** No anchor has the name of the issuer. */
  | 'unknown-issuer'
  /** The authority key identifier is missing, or names another key than the issuer's. */
  | 'key-identifier-mismatch'
  /** The issuer's key did not make the signature. */
  | 'bad-signature'
  /** A critical extension, or a constraint on names, that is not understood here. */
  | 'unknown-critical-extension'
  /** The leaf is, or could act as, a CA. */
  | 'leaf-is-ca'
  /** The certificate is not for this purpose. */
  | 'wrong-purpose'
  | 'not-yet-valid'
  | 'expired';

export type CaErrorCode = InputErrorCode | IssueErrorCode | VerifyErrorCode;

export class CaError extends Error {
  override readonly name = 'CaError';
  readonly code: CaErrorCode;

  constructor(code: CaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** As much of a quoted value as a person looks at. */
const QUOTED_LENGTH = 80;

/** What somebody else has chosen, as a message may quote it: on one line, and short. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return JSON.stringify(value.length > QUOTED_LENGTH ? `${value.slice(0, QUOTED_LENGTH)}...` : value);
}
