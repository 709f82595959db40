/** An embeddable X.509 certificate authority (RFC 5280, PKCS#10). */
export { type Certificate, certificateFingerprint, readCertificate } from './certificate.ts';
export { CaError, type CaErrorCode, type InputErrorCode, type IssueErrorCode, type VerifyErrorCode } from './errors.ts';
export type { Purpose } from './extensions.ts';
export { type IssueOptions, issueCertificate } from './issue.ts';
export { createKeyPair, type KeyPair, type KeySize } from './key-pair.ts';
export type { Curve, KeyType } from './key-policy.ts';
export { isHostName, isIpAddress, type Names } from './names.ts';
export { privateKeyFromPem, privateKeyToPem } from './private-key.ts';
export type { Profile } from './profile.ts';
export { renewalTime } from './renewal.ts';
export { type CheckedRequest, checkRequest, createCertRequest } from './request.ts';
export { createCA, type RootOptions } from './root.ts';
export type { Digest } from './signature-algorithm.ts';
export { createCertificate, createRequest, signCertificates } from './simple.ts';
export { type VerifiedPath, type VerifyOptions, verifyCertificate } from './verify-certificate.ts';
