/** The rules about one step of a path and about its ends (RFC 5280 section 6.1), one function for each; they return or throw. */

import { CaError } from '../errors.ts';
import { requireTlsKey } from '../keys/key-policy.ts';
import type { ParsedCertificate } from '../x509/certificate.ts';
import { type Purpose, purposeIds } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import { verifyBytes } from '../x509/signature-algorithm.ts';

const anyPurposeOid = '2.5.29.37.0';

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * The subject's authority key identifier does not speak of another issuer. CAs must write the identifiers (4.2.1.1,
 * 4.2.1.2), but validation does not rest on them (6.1), so one that is absent says nothing.
 *
 * @throws CaError `key-identifier-mismatch`
 */
export function requireNamed({ extensions }: ParsedCertificate, issuer: ParsedCertificate): void {
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
    `extensions that are not understood here: ${notUnderstood.join(', ')}`,
  );
}

/**
 * A key whose signatures are worth something, and do not cost much to check.
 *
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireSigningKey({ info }: ParsedCertificate): void {
  requireTlsKey(info.publicKey);
}

/**
 * The issuer's key signed it (6.1.3 a 1). That the names match, who searches for issuers has seen to.
 *
 * @throws CaError `weak-digest`, `unsupported-algorithm`, `bad-signature`
 */
export function requireSignedBy(subject: ParsedCertificate, issuer: ParsedCertificate): void {
  if (!verifyBytes(subject.signed, subject.algorithm, subject.signature, issuer.info.publicKey)) {
    throw new CaError('bad-signature', 'not signed by the key of the issuer');
  }
}

/** Both ends included (4.1.2.5). */
export function requireValidAt({ info: { notBefore, notAfter } }: ParsedCertificate, at: Date): void {
  const dates = `valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}, asked for ${at.toISOString()}`;
  if (at < notBefore) throw new CaError('not-yet-valid', `${dates}: is the clock right?`);
  if (Math.floor(at.getTime() / 1000) * 1000 > notAfter.getTime()) throw new CaError('expired', `${dates}: renew it`);
}

/**
 * A CA that may sign, and for this purpose if it is limited to some (6.1.4 k, n, o). A key usage that is absent limits
 * nothing (6.1.4 n); an extended key usage limits CAs too, as every TLS implementation has it.
 *
 * @throws CaError `not-a-ca`, `unknown-critical-extension`, `wrong-purpose`
 */
export function requireIssuer(issuer: ParsedCertificate, purpose: Purpose): void {
  const { extensions, subject } = issuer;
  requireUnderstood(issuer);
  const { isCA, keyUsage = keyUsageBits.keyCertSign, purposes = [anyPurposeOid] } = extensions;
  if (isCA !== true) throw new CaError('not-a-ca', 'its basic constraints do not say that it is a CA');
  if ((keyUsage & keyUsageBits.keyCertSign) === 0)
    throw new CaError('not-a-ca', 'its key usage is not to sign certificates');
  if (subject.rdns.length === 0) throw new CaError('not-a-ca', 'a CA without a name');
  if (!purposes.includes(purposeIds[purpose]) && !purposes.includes(anyPurposeOid)) {
    throw new CaError('wrong-purpose', `a CA that is not for ${purpose}`);
  }
}

/**
 * An end entity that may do what it is about to do: an extended key usage that names the purpose itself (which 4.2.1.12
 * lets an application ask for), and a key usage, if there is one, that lets it sign a handshake.
 *
 * @throws CaError `unknown-critical-extension`, `leaf-is-ca`, `weak-key`, `unsupported-algorithm`, `wrong-purpose`
 */
export function requireLeaf(leaf: ParsedCertificate, purpose: Purpose): void {
  const { isCA, keyUsage = keyUsageBits.digitalSignature, purposes = [] } = leaf.extensions;
  requireUnderstood(leaf);
  if (isCA === true || (keyUsage & keyUsageBits.keyCertSign) !== 0) {
    throw new CaError('leaf-is-ca', 'a CA certificate stands for nobody: use one issued by it');
  }
  requireTlsKey(leaf.info.publicKey);
  if (!purposes.includes(purposeIds[purpose]) || (keyUsage & keyUsageBits.digitalSignature) === 0) {
    throw new CaError('wrong-purpose', `the certificate is not for ${purpose}`);
  }
}

/** Issued by a CA to itself, to change its key or policies (3.2). */
export function isSelfIssued({ subject, issuer }: ParsedCertificate): boolean {
  return subject.key === issuer.key;
}

/**
 * No more CAs below this one than it allows; those that are self-issued do not count, nor does the leaf (4.2.1.9).
 *
 * @param below the path up to this certificate, the leaf first
 * @throws CaError `path-too-long`
 */
export function requirePathLength(below: readonly ParsedCertificate[], { extensions }: ParsedCertificate): void {
  const cas = below.slice(1).filter((certificate) => !isSelfIssued(certificate)).length;
  const { pathLength = Number.POSITIVE_INFINITY } = extensions;
  if (cas > pathLength) throw new CaError('path-too-long', `${cas} CAs below one that allows ${pathLength}`);
}
