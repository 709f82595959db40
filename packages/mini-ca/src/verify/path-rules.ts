/** The rules for each step of a path and for its ends (RFC 5280 section 6.1). Each function returns or throws. */
import { CaError } from '../errors.ts';
import { requireTlsKey } from '../keys/key-policy.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { type Purpose, purposeIds } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import { isSignedBy } from '../x509/signature-algorithm.ts';
import type { VerifyProfile } from './conformance.ts';

const anyPurposeOid = '2.5.29.37.0';

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * Requires that the authority key identifier of the subject, if present, does not name another issuer. CAs must write the
 * identifiers (4.2.1.1, 4.2.1.2), but validation does not use them (6.1), so absent ones are accepted.
 *
 * @throws CaError `key-identifier-mismatch`
 */
export function requireKeyIdentifierOf({ extensions }: ParsedCertificate, issuer: ParsedCertificate): void {
  const { authorityKeyId, authorityCertificate: named } = extensions;
  const { subjectKeyId } = issuer.extensions;
  const isKey = authorityKeyId === undefined || subjectKeyId === undefined || sameBytes(authorityKeyId, subjectKeyId);
  const isCertificate =
    named === undefined || (named.serial === issuer.info.serial && sameBytes(named.issuer, issuer.issuerName));
  if (isKey && isCertificate) return;
  throw new CaError('key-identifier-mismatch', 'its authority key identifier names another certificate or key');
}

function requireUnderstood({ extensions: { notUnderstood } }: ParsedCertificate): void {
  if (notUnderstood.length === 0) return;
  throw new CaError(
    'unknown-critical-extension',
    `unknown extensions that must be processed: ${notUnderstood.join(', ')}`,
  );
}

/**
 * Requires a key that is strong enough to sign certificates, and whose signatures can be verified quickly.
 *
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireSigningKey({ info }: ParsedCertificate): void {
  requireTlsKey(info.publicKey);
}

/**
 * Requires a signature by the issuer's key (6.1.3 (a) (1)). The path search only tries issuers with the right name.
 *
 * @throws CaError `weak-digest`, `unsupported-algorithm`, `bad-signature`
 */
export function requireSignedBy(subject: ParsedCertificate, issuer: ParsedCertificate): void {
  if (isSignedBy(subject, issuer.info.publicKey)) return;
  throw new CaError('bad-signature', 'not signed by the key of the issuer');
}

/**
 * Requires a time within the validity. Both ends are included (4.1.2.5).
 *
 * @throws CaError `not-yet-valid`, `expired`
 */
export function requireValidAt({ info: { notBefore, notAfter } }: ParsedCertificate, at: Date): void {
  const dates = `valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}, verified for ${at.toISOString()}`;
  if (at < notBefore) throw new CaError('not-yet-valid', `${dates}: check the clock`);
  if (Math.floor(at.getTime() / 1000) * 1000 > notAfter.getTime()) throw new CaError('expired', `${dates}: renew it`);
}

/**
 * Requires a CA that may sign certificates for this purpose (6.1.4 (k), (n), (o)). An absent key usage limits nothing (6.1.4 (n)).
 * An extended key usage limits CAs too, as in all TLS implementations.
 *
 * @throws CaError `not-a-ca`, `unknown-critical-extension`, `wrong-purpose`
 */
export function requireIssuer(issuer: ParsedCertificate, purpose: Purpose): void {
  const { extensions, subject } = issuer;
  requireUnderstood(issuer);
  const { isCA, keyUsage = keyUsageBits.keyCertSign, purposes = [anyPurposeOid] } = extensions;
  if (isCA !== true) throw new CaError('not-a-ca', 'its basic constraints do not say that it is a CA');
  if ((keyUsage & keyUsageBits.keyCertSign) === 0) {
    throw new CaError('not-a-ca', 'its key usage does not allow it to sign certificates');
  }
  if (subject.rdns.length === 0) throw new CaError('not-a-ca', 'a CA without a name');
  if (!purposes.includes(purposeIds[purpose]) && !purposes.includes(anyPurposeOid)) {
    throw new CaError('wrong-purpose', `the CA may not issue certificates for ${purpose}`);
  }
}

/** The uses of a key that a TLS handshake can have (4.2.1.12). TLS 1.3 needs the first. */
const handshakeUses = keyUsageBits.digitalSignature | keyUsageBits.keyEncipherment | keyUsageBits.keyAgreement;

function requireNoCa({ isCA, keyUsage = 0 }: ParsedCertificate['extensions']): void {
  if (isCA !== true && (keyUsage & keyUsageBits.keyCertSign) === 0) return;
  throw new CaError(
    'leaf-is-ca',
    'a CA certificate is not a certificate of a server or client: use one that it has issued',
  );
}

/**
 * Requires a leaf for this purpose. The profile `rfc5280` accepts what the RFC allows: a CA certificate, a certificate without an
 * extended key usage or for any purpose, and a key that establishes keys and does not sign. The others require an end entity
 * certificate whose extended key usage lists the purpose (which an application may require by 4.2.1.12), and a key usage, if
 * present, that allows it to sign a handshake.
 *
 * @throws CaError `unknown-critical-extension`, `leaf-is-ca`, `weak-key`, `unsupported-algorithm`, `wrong-purpose`
 */
export function requireLeaf(leaf: ParsedCertificate, purpose: Purpose, profile: VerifyProfile): void {
  const { extensions } = leaf;
  requireUnderstood(leaf);
  const allowsAll = profile === 'rfc5280';
  if (!allowsAll || extensions.isCA !== true) requireNoCa(extensions);
  requireTlsKey(leaf.info.publicKey);
  const { keyUsage, purposes = allowsAll ? [anyPurposeOid] : [] } = extensions;
  const isFor = purposes.includes(purposeIds[purpose]) || (allowsAll && purposes.includes(anyPurposeOid));
  const uses = allowsAll ? handshakeUses | keyUsageBits.keyCertSign : keyUsageBits.digitalSignature;
  if (isFor && (keyUsage === undefined || (keyUsage & uses) !== 0)) return;
  throw new CaError('wrong-purpose', `the certificate is not for ${purpose}`);
}

/** True for a certificate that a CA has issued to itself, to change its key or policies (3.2). */
export function isSelfIssued({ subject, issuer }: ParsedCertificate): boolean {
  return subject.key === issuer.key;
}

/**
 * Requires that no more CAs are below this one than its path length allows. Self-issued certificates and the leaf do not count
 * (4.2.1.9).
 *
 * @param below the path from the leaf up to this certificate, which is not included
 * @throws CaError `path-too-long`
 */
export function requirePathLength(below: readonly ParsedCertificate[], { extensions }: ParsedCertificate): void {
  const cas = below.slice(1).filter((certificate) => !isSelfIssued(certificate)).length;
  const { pathLength = Number.POSITIVE_INFINITY } = extensions;
  if (cas > pathLength) throw new CaError('path-too-long', `${cas} CAs are below a CA with path length ${pathLength}`);
}
