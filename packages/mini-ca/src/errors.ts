/** What this library throws: one class, one stable `code` for each reason. Messages are for people and may change. */
import { visible } from './visible-text.ts';

/** Bytes or text that cannot be read as what was asked for. */
export type FormErrorCode =
  /** Not what was asked for: not one PEM block of the right label, cut short, or with other fields than it should have. */
  | 'malformed'
  /** Not in the one encoding that DER has for it: whoever encoded it again would have other bytes. */
  | 'not-canonical'
  /** Bytes after the end of the value. */
  | 'trailing-bytes'
  /** Over 65 536 characters of PEM or 48 000 bytes of DER, for a revocation list 4 MiB: not even looked at. */
  | 'too-large'
  /** One extension twice, or two lists of them in a request: which would count is anybody’s guess. */
  | 'duplicate-extension';

/** The input itself is at fault: nothing about trust has been decided. */
export type InputErrorCode =
  | FormErrorCode
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
  | 'key-mismatch'
  /** The issuing certificate's path length leaves no room for a CA below it. */
  | 'path-too-long'
  /** Whoever decides has granted nothing. */
  | 'not-authorised'
  /** The profile does not take keys of this type, curve or size. */
  | 'key-not-allowed'
  /** The profile has no names of this kind: an address for a client, for example. */
  | 'name-kind-not-allowed'
  /** The profile has no host names that begin with `*.`. */
  | 'wildcard-not-allowed'
  /** A name in letters of several scripts, or with characters that nobody sees. */
  | 'look-alike-name'
  /** Longer than the profile allows. */
  | 'lifetime-not-allowed'
  /** The request asks for a name that was not granted to it. */
  | 'name-not-granted'
  /** The request asks to be a CA. */
  | 'ca-not-allowed'
  /** The request asks for an extended key usage that the profile does not have. */
  | 'purpose-not-allowed'
  /** The request marks an extension as critical that is not granted to anybody. */
  | 'extension-not-allowed'
  /** A renewal that is not signed by the key of the certificate that it renews. */
  | 'bad-proof';

/** The ledger refuses a record, or cannot be used. */
export type LedgerErrorCode =
  /** A certificate of this serial number is recorded. */
  | 'duplicate-serial'
  /** No certificate of this serial number is recorded: this CA did not issue it. */
  | 'unknown-serial'
  | 'already-revoked'
  /** A revocation list of this number, or a later one, is recorded. */
  | 'crl-number-used'
  /** The file is open in another process, or twice in this one. */
  | 'ledger-in-use'
  /** A record that was whole once is not any more. */
  | 'ledger-damaged'
  /** Writing has failed, or the ledger is closed: nothing more is recorded, so nothing more is issued. */
  | 'ledger-failed';

/** A certificate was read and is not to be trusted. */
export type VerifyErrorCode =
  /** No anchor or intermediate has the name of the issuer. */
  | 'unknown-issuer'
  /** The authority key identifier names another key, or another certificate, than the issuer's. */
  | 'key-identifier-mismatch'
  /** The issuer's key did not make the signature. */
  | 'bad-signature'
  /** A critical extension, or a constraint, that is not understood here. */
  | 'unknown-critical-extension'
  /** The leaf is, or could act as, a CA. */
  | 'leaf-is-ca'
  /** The certificate is not for this purpose. */
  | 'wrong-purpose'
  | 'not-yet-valid'
  | 'expired'
  /** A name outside of what a CA above it may certify. */
  | 'name-not-permitted'
  /** The certificate is for other hosts. */
  | 'wrong-name'
  /** So many certificates of one name that looking through them all would take too long. */
  | 'search-limit'
  | 'revoked'
  /** No revocation list of the issuer, and one was asked for. */
  | 'revocation-unknown'
  /** The issuer may not sign revocation lists. */
  | 'not-a-list-issuer'
  /** The issuer's key did not sign its revocation list. */
  | 'list-bad-signature'
  /** A revocation list with a critical extension, of its own or of an entry, that is not understood here: a delta or indirect list. */
  | 'list-not-understood'
  | 'list-not-yet-valid'
  | 'list-expired';

export type CaErrorCode = InputErrorCode | IssueErrorCode | LedgerErrorCode | VerifyErrorCode;

/** Which certificate of a path is at fault. */
export interface PathPosition {
  /** 0 is the leaf, 1 its issuer, and so on. */
  readonly position: number;
  /** Its common name, or what it has instead. */
  readonly subject: string;
  /** Lower-case hexadecimal SHA-256 of its DER. */
  readonly fingerprint: string;
}

export interface CaErrorOptions extends ErrorOptions {
  readonly certificate?: PathPosition;
}

export class CaError extends Error {
  override readonly name = 'CaError';
  readonly code: CaErrorCode;
  /** Of a certificate that `verifyCertificate` refused. */
  readonly certificate?: PathPosition;

  constructor(code: CaErrorCode, message: string, { certificate, ...options }: CaErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (certificate !== undefined) this.certificate = certificate;
  }
}

/** As much of a quoted value as a person looks at. */
const maxQuotedCharacters = 80;

/** What somebody else has chosen, as a message may quote it: on one line, short, and safe to print. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  const text = value.length > maxQuotedCharacters ? `${value.slice(0, maxQuotedCharacters)}...` : value;
  return visible(JSON.stringify(text));
}
