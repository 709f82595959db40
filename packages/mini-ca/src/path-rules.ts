/** The rules of a certification path (RFC 5280 section 6.1), one function for each; they return or throw. */
import type { ParsedCertificate } from './certificate.ts';
import { CaError } from './errors.ts';
import { KeyUsage, type Purpose, purposeIds } from './extensions.ts';
import { canSignCertificates } from './issuer.ts';
import { requireTlsKey } from './key-policy.ts';
import { verifyBytes } from './signature-algorithm.ts';

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

/** The key identifier is compulsory here; the issuer and serial number, where given as well, must match too (4.2.1.1). */
function isNamedBy(issuer: ParsedCertificate, { extensions }: ParsedCertificate): boolean {
  const { authorityKeyId, authorityCertificate: named } = extensions;
  if (!sameBytes(authorityKeyId, issuer.extensions.subjectKeyId)) return false;
  return named === undefined || (named.serial === issuer.info.serial && sameBytes(named.issuer, issuer.issuerName));
}

function requireUnderstood({ extensions: { notUnderstood } }: ParsedCertificate): void {
  if (notUnderstood.length === 0) return;
  throw new CaError(
    'unknown-critical-extension',
    `extensions that are not understood here: ${notUnderstood.join(', ')}`,
  );
}

/**
 * The subject names the issuer's key, and that key signed it (6.1.3 a 1).
 *
 * @throws CaError `key-identifier-mismatch`, `weak-key`, `weak-digest`, `unsupported-algorithm`, `bad-signature`
 */
export function requireLink(subject: ParsedCertificate, issuer: ParsedCertificate): void {
  if (!isNamedBy(issuer, subject)) {
    throw new CaError('key-identifier-mismatch', 'the key identifiers of certificate and issuer do not match');
  }
  requireTlsKey(issuer.info.publicKey);
  const { signatureAlgorithm, signatureValue } = subject.structure;
  if (!verifyBytes(subject.signed, signatureAlgorithm, new Uint8Array(signatureValue), issuer.info.publicKey)) {
    throw new CaError('bad-signature', 'the certificate is not signed by its issuer');
  }
}

/** Both ends included (4.1.2.5). */
export function requireValidAt({ info: { notBefore, notAfter } }: ParsedCertificate, at: Date): void {
  const dates = `valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}, asked for ${at.toISOString()}`;
  if (at < notBefore) throw new CaError('not-yet-valid', `${dates}: is the clock right?`);
  if (Math.floor(at.getTime() / 1000) * 1000 > notAfter.getTime()) throw new CaError('expired', `${dates}: renew it`);
}

/**
 * A CA that may sign, and for this purpose if it is limited to some (6.1.4 k and n).
 *
 * @throws CaError `not-a-ca`, `unknown-critical-extension`, `wrong-purpose`
 */
export function requireIssuer(issuer: ParsedCertificate, purpose: Purpose): void {
  requireUnderstood(issuer);
  if (!canSignCertificates(issuer)) throw new CaError('not-a-ca', 'the issuer may not sign certificates');
  const { purposes } = issuer.extensions;
  if (purposes !== undefined && !purposes.includes(purposeIds[purpose])) {
    throw new CaError('wrong-purpose', `the issuer is not for ${purpose}`);
  }
}

/**
 * An end entity that may do what it is about to do: an extended key usage that names the purpose itself, and a key
 * usage, if there is one, that lets it sign a handshake.
 *
 * @throws CaError `unknown-critical-extension`, `leaf-is-ca`, `weak-key`, `unsupported-algorithm`, `wrong-purpose`
 */
export function requireLeaf(leaf: ParsedCertificate, purpose: Purpose): void {
  const { isCA, keyUsage = KeyUsage.digitalSignature, purposes = [] } = leaf.extensions;
  requireUnderstood(leaf);
  if (isCA === true || (keyUsage & KeyUsage.keyCertSign) !== 0) {
    throw new CaError('leaf-is-ca', 'a CA certificate stands for nobody: use one issued by it');
  }
  requireTlsKey(leaf.info.publicKey);
  if (!purposes.includes(purposeIds[purpose]) || (keyUsage & KeyUsage.digitalSignature) === 0) {
    throw new CaError('wrong-purpose', `the certificate is not for ${purpose}`);
  }
}
