/** An embeddable X.509 certificate authority (RFC 5280, PKCS#10). */
export { type Certificate, type CertificateInput, certificateFingerprint, readCertificate } from './certificate.ts';
export {
  type Application,
  type AuthorityOptions,
  CertificateAuthority,
  type Grant,
} from './certificate-authority.ts';
export type { RevokedCertificate } from './certificate-list.ts';
export type { CrlOptions, LastingReason } from './create-crl.ts';
export {
  CaError,
  type CaErrorCode,
  type FormErrorCode,
  type InputErrorCode,
  type IssueErrorCode,
  type LedgerErrorCode,
  type PathPosition,
  type VerifyErrorCode,
} from './errors.ts';
export type { Purpose } from './extensions.ts';
export { inspect } from './inspect/inspect.ts';
export { type IssueOptions, issueCertificate } from './issue.ts';
export { createKeyPair, type KeyPair, type KeySize } from './key-pair.ts';
export type { Curve, KeyKind, KeyType } from './key-policy.ts';
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
export { isHostName, isIpAddress, type Names } from './names.ts';
export { privateKeyFromPem, privateKeyToPem } from './private-key.ts';
export {
  type KeyUse,
  type NameKind,
  type Profile,
  type ProfileName,
  profiles,
} from './profile.ts';
export { type RevocationList, type RevocationListInput, readCrl } from './read-crl.ts';
export { createRenewal, type Renewal, type RenewalWindow, renewalWindow } from './renewal.ts';
export { type CheckedRequest, checkRequest, createCertRequest } from './request.ts';
export type { UnknownRevocation } from './revocation.ts';
export type { RevocationReason } from './revocation-reason.ts';
export { createCA, type RootOptions } from './root.ts';
export type { Digest } from './signature-algorithm.ts';
export type { IssuedCertificate } from './signed-certificate.ts';
export { createCertificate, createRequest, signCertificates } from './simple.ts';
export { type VerifiedPath, type VerifyOptions, verifyCertificate } from './verify-certificate.ts';
