/** Cross-certificates: certificates by one CA for the name and key of another root (RFC 4210 section 4.4). */
import { sequence } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';
import { requireStrongKey } from '../keys/key-policy.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { encodeExtensions, keyIdentifierOf } from '../x509/extensions.ts';
import { randomSerial } from '../x509/serial-number.ts';
import { isSignedBy, signingWith } from '../x509/signature-algorithm.ts';
import { type IssuedCertificate, signedCertificate } from '../x509/signed-certificate.ts';
import { canSignCertificates, type Issuer, keyIdentifierOfIssuer } from './issuer.ts';
import { requireMayIssueCa } from './profile-rules.ts';
import { validityWithin } from './validity.ts';

/**
 * Issues a cross-certificate for a root. It is valid while both CAs are, and has the path length and key usage of the root.
 *
 * @param root PEM or DER of a self-signed CA certificate
 * @throws CaError `not-a-ca`, `bad-signature`, `path-too-long`, `issuer-not-valid`, `expired`, `weak-key`, and as
 *   `readCertificate`
 */
export function crossSignedCertificate(issuer: Issuer, root: string | Uint8Array, now: Date): IssuedCertificate {
  const other = parseCertificate(root);
  const { info, subjectName, extensions, spki } = other;
  if (!canSignCertificates(other))
    throw new CaError('not-a-ca', 'the certificate to be cross-signed is not a CA certificate');
  requireStrongKey(info.publicKey);
  const isRoot = Buffer.compare(subjectName, other.issuerName) === 0;
  if (!isRoot || !isSignedBy(other, info.publicKey)) {
    throw new CaError('bad-signature', 'the certificate to be cross-signed is not self-signed');
  }
  // A new key for a CA of the same name does not count for the path length (RFC 5280 section 6.1: self-issued).
  const isSuccession = Buffer.compare(subjectName, issuer.certificate.subjectName) === 0;
  if (!isSuccession) requireMayIssueCa(issuer);
  if (now > info.notAfter) throw new CaError('expired', 'the root to be cross-signed has expired');

  const lifetimeMs = info.notAfter.getTime() - now.getTime();
  const { notBefore, notAfter } = validityWithin(issuer, { now, lifetimeMs });
  const values = {
    isCA: true,
    ...(extensions.pathLength !== undefined && { pathLength: extensions.pathLength }),
    ...(extensions.keyUsage !== undefined && { keyUsage: extensions.keyUsage }),
    // Certificates by the other root contain this identifier.
    subjectKeyId: extensions.subjectKeyId ?? keyIdentifierOf(spki),
    authorityKeyId: keyIdentifierOfIssuer(issuer),
  };
  const content = {
    serial: randomSerial(),
    issuer: issuer.certificate.subjectName,
    subject: subjectName,
    notBefore: new Date(Math.max(notBefore.getTime(), info.notBefore.getTime())),
    notAfter,
    spki,
    extensions: sequence(...encodeExtensions(values, false)),
  };
  return signedCertificate(content, signingWith(issuer.privateKey));
}
