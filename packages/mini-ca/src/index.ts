/**
 * An embeddable X.509 certificate authority (RFC 5280, PKCS#10).
 *
 * @module @chat/mini-ca
 */

export {
  CaError,
  type CaErrorCode,
  type CaErrorOptions,
  type FormErrorCode,
  type InputErrorCode,
  type IssueErrorCode,
  type LedgerErrorCode,
  type PathPosition,
  type VerifyErrorCode,
} from './errors.ts';
export { inspect } from './inspect/inspect.ts';
export type { Application, AuthorityOptions, ContextArgument, Grant } from './issue/authority-options.ts';
export { CertificateAuthority, type PreparedRequest } from './issue/certificate-authority.ts';
export type { CrlOptions, PermanentRevocationReason } from './issue/create-crl.ts';
export { type IssueOptions, issueCertificate } from './issue/issue.ts';
export {
  type KeyUse,
  type NameKind,
  type Profile,
  type ProfileName,
  profiles,
  type StandardProfiles,
} from './issue/profile.ts';
export { createRenewal, type Renewal, type RenewalWindow, renewalWindow } from './issue/renewal.ts';
export { createCA, type RootOptions } from './issue/root.ts';
export { createCertificate, createRequest, signCertificates } from './issue/simple.ts';
export { createKeyPair, type KeyPair, type KeySize } from './keys/key-pair.ts';
export type { Curve, KeyKind, KeyType } from './keys/key-policy.ts';
export { privateKeyFromPem, privateKeyToPem } from './keys/private-key.ts';
export { FileLedger } from './ledger/file-ledger.ts';
export type {
  CrlRecord,
  IssuedRecord,
  Ledger,
  LedgerEntry,
  LedgerRecord,
  RevokedRecord,
} from './ledger/ledger.ts';
export { MemoryLedger } from './ledger/memory-ledger.ts';
export type { VerifyProfile } from './verify/conformance.ts';
export type { LeftOut } from './verify/inputs.ts';
export type { UnknownRevocation } from './verify/revocation.ts';
export { type VerifiedPath, verifyCertificate } from './verify/verify-certificate.ts';
export type { VerifyOptions } from './verify/verify-options.ts';
export {
  type Certificate,
  type CertificateInput,
  certificateFingerprint,
  readCertificate,
} from './x509/certificate.ts';
export type { Purpose } from './x509/extensions.ts';
export { isIpAddress } from './x509/names/ip-address.ts';
export { type AlternativeKind, isHostName, type Names } from './x509/names/names.ts';
export { type RevocationList, type RevocationListInput, readCrl } from './x509/read-crl.ts';
export { type CheckedRequest, checkRequest, createCertRequest } from './x509/request.ts';
export type { RevokedCertificate } from './x509/revocation-entries.ts';
export type { RevocationReason } from './x509/revocation-reason.ts';
export type { Digest } from './x509/signature-algorithm.ts';
export type { IssuedCertificate } from './x509/signed-certificate.ts';
