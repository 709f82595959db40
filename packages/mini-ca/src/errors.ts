/** The errors of this library: one class, with a stable code for each reason. */
import { visible } from './visible-text.ts';

/** Reasons for which input cannot be parsed. */
export type FormErrorCode =
  /** The input is not one PEM block with the expected label, is cut short, or does not have the expected fields. */
  | 'malformed'
  /** The input is valid BER, but not canonical DER: encoding its values again would give other bytes. */
  | 'not-canonical'
  /** Bytes follow the end of the value. */
  | 'trailing-bytes'
  /** The input is longer than 65 536 characters of PEM or 48 000 bytes of DER (4 MiB of DER for a revocation list). It was not parsed. */
  | 'too-large'
  /** An extension occurs twice, or a request has two lists of extensions, so that it is undefined which one counts. */
  | 'duplicate-extension';

/** Reasons for which input is refused before any decision about trust. */
export type InputErrorCode =
  | FormErrorCode
  /** This library does not support the type of key, the curve, the signature algorithm, or the encryption of a private key. */
  | 'unsupported-algorithm'
  /** The key is below the minimum strength: for RSA and DSA 2048 bits. */
  | 'weak-key'
  /** The signature uses MD5, SHA-1 or SHA-224. */
  | 'weak-digest'
  /** A name is not allowed in certificates, or a required name is missing. */
  | 'bad-name'
  /** An argument is out of range: a size, a serial number, a date, a lifetime. */
  | 'bad-argument'
  /** The private key is encrypted, and the password is missing or wrong. */
  | 'wrong-password';

/** Reasons for which the CA does not issue. */
export type IssueErrorCode =
  /** The request is not signed by the key that it contains. */
  | 'no-possession'
  /** The issuing certificate may not sign certificates. */
  | 'not-a-ca'
  /** The issuing certificate is not valid at the time of issue, or ends before the requested date. */
  | 'issuer-not-valid'
  /** A certificate or public key does not belong to the private key, or the two halves of a stored private key do not belong together. */
  | 'key-mismatch'
  /** The path length of the issuing certificate allows no CA below it. */
  | 'path-too-long'
  /** `authorise` has granted nothing. */
  | 'not-authorised'
  /** The profile does not allow keys of this type, curve or size. */
  | 'key-not-allowed'
  /** The profile does not allow names of this kind, for example an IP address for a client. */
  | 'name-kind-not-allowed'
  /** The profile does not allow host names that begin with `*.`. */
  | 'wildcard-not-allowed'
  /** A name is confusable with another one: it has letters of several scripts, or invisible characters. */
  | 'look-alike-name'
  /** The lifetime is longer than the profile allows. */
  | 'lifetime-not-allowed'
  /** The request asks for a name that was not granted. */
  | 'name-not-granted'
  /** The request asks for a CA certificate. */
  | 'ca-not-allowed'
  /** The request asks for an extended key usage that the profile does not have. */
  | 'purpose-not-allowed'
  /** The request has a critical extension that this CA never grants. */
  | 'extension-not-allowed'
  /** The renewal is not signed by the key of the certificate to be renewed. */
  | 'bad-proof';

/** Reasons for which the ledger refuses a record or does not work. */
export type LedgerErrorCode =
  /** The ledger already has a certificate with this serial number. */
  | 'duplicate-serial'
  /** The ledger has no certificate with this serial number, so this CA did not issue it. */
  | 'unknown-serial'
  /** The certificate is already revoked. */
  | 'already-revoked'
  /** The ledger already has a revocation list with this number or a higher one. */
  | 'crl-number-used'
  /** Another process has the file open, or this process has opened it twice. */
  | 'ledger-in-use'
  /** A complete line of the file was changed, removed or inserted, or the file is not a ledger. */
  | 'ledger-damaged'
  /** A record could not be written, or the ledger is closed. It accepts no more records, so the CA issues no more certificates. */
  | 'ledger-failed';

/** Reasons for which a certificate that was parsed is not trusted. */
export type VerifyErrorCode =
  /** No anchor and no intermediate has the name of the issuer. */
  | 'unknown-issuer'
  /** The authority key identifier names another key or certificate than the issuer's. */
  | 'key-identifier-mismatch'
  /** The signature is not by the issuer's key. */
  | 'bad-signature'
  /** The certificate has an unknown extension that is critical or constrains it. */
  | 'unknown-critical-extension'
  /** The leaf is a CA certificate, or may sign certificates. */
  | 'leaf-is-ca'
  /** The certificate or the list does not have the form that the profile requires of CAs. */
  | 'not-conforming'
  /** The certificate is not for this purpose. */
  | 'wrong-purpose'
  /** The validity of the certificate begins later. */
  | 'not-yet-valid'
  /** The validity of the certificate has ended. */
  | 'expired'
  /** The name constraints of a CA above do not permit a name of the certificate. */
  | 'name-not-permitted'
  /** The certificate is not for this host. */
  | 'wrong-name'
  /** The search for a path exceeded its bound on work, because too many certificates have the same names. */
  | 'search-limit'
  /** The certificate is revoked. */
  | 'revoked'
  /** Revocation is to be checked, and no revocation list of the issuer was given. */
  | 'revocation-unknown'
  /** The issuer may not sign revocation lists. */
  | 'not-a-list-issuer'
  /** The signature of the revocation list is not by the issuer's key. */
  | 'list-bad-signature'
  /** The revocation list is a delta or indirect one, a partial one that does not cover the certificate, has an unknown critical extension, or an entry that cannot be read. */
  | 'list-not-understood'
  /** The revocation list was issued for a later time. */
  | 'list-not-yet-valid'
  /** The time for the next revocation list has passed. */
  | 'list-expired';

/** Reasons for which this library throws. */
export type CaErrorCode = InputErrorCode | IssueErrorCode | LedgerErrorCode | VerifyErrorCode;

/** The certificate of a path that was refused. */
export interface PathPosition {
  /** 0 for the leaf, 1 for its issuer, and so on. */
  readonly position: number;
  /** The common name, or if there is none the organization, a host, an address, or the serial number. */
  readonly subject: string;
  /** SHA-256 of the DER in lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** Options of `CaError`. */
export interface CaErrorOptions extends ErrorOptions {
  /** The certificate of a path that was refused. */
  readonly certificate?: PathPosition;
}

/** Thrown by every function of this library. Programs act on `code`; `message` is for people and may change. */
export class CaError extends Error {
  /** The name of the class. */
  override readonly name = 'CaError';
  /** The reason. It does not change between versions. */
  readonly code: CaErrorCode;
  /** The certificate of the path that `verifyCertificate` refused. Absent for all other errors. */
  readonly certificate?: PathPosition;

  constructor(code: CaErrorCode, message: string, { certificate, ...options }: CaErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (certificate !== undefined) this.certificate = certificate;
  }
}

/** Longer values are cut in messages. */
const maxQuotedCharacters = 80;

/** Quotes a value from another party for a message: on one line, cut, and safe to print. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  const text = value.length > maxQuotedCharacters ? `${value.slice(0, maxQuotedCharacters)}...` : value;
  return visible(JSON.stringify(text));
}
