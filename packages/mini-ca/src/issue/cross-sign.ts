/** One CA's word for another: a certificate for the other's name and key (RFC 4210 section 4.4 has it for key changes). */

import { sequence } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';
import { requireStrongKey } from '../keys/key-policy.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { encodeExtensions, keyIdentifierOf } from '../x509/extensions.ts';
import { randomSerial } from '../x509/serial-number.ts';
import { signingWith, verifyBytes } from '../x509/signature-algorithm.ts';
import { type IssuedCertificate, signedCertificate } from '../x509/signed-certificate.ts';
import { canSignCertificates, type Issuer, keyIdentifierOfIssuer } from './issuer.ts';
import { requireMayIssueCa } from './profile-rules.ts';
import { validityWithin } from './validity.ts';

/**
 * As long as both are valid, with the limits that the other root has set itself.
 *
 * @throws CaError `not-a-ca`, `bad-signature`, `path-too-long`, `issuer-not-valid`, `expired`, `weak-key`, and as
 *   `readCertificate`
 */
export function crossSignedCertificate(issuer: Issuer, root: string | Uint8Array, now: Date): IssuedCertificate {
  const other = parseCertificate(root);
  const { info, subjectName, extensions, spki } = other;
  if (!canSignCertificates(other)) throw new CaError('not-a-ca', 'only a CA is cross-signed');
  requireStrongKey(info.publicKey);
  const isRoot = Buffer.compare(subjectName, other.issuerName) === 0;
  if (!isRoot || !verifyBytes(other.signed, other.algorithm, other.signature, info.publicKey)) {
    throw new CaError('bad-signature', 'only a root, signed by itself, is cross-signed');
  }
  // A new key for a CA of the same name takes no room on the path (RFC 5280 section 6.1: self-issued).
  const isSuccession = Buffer.compare(subjectName, issuer.certificate.subjectName) === 0;
  if (!isSuccession) requireMayIssueCa(issuer);
  if (now > info.notAfter) throw new CaError('expired', 'the root to be cross-signed has expired');

  const { notBefore, notAfter } = validityWithin(issuer, now, info.notAfter.getTime() - now.getTime());
  const values = {
    isCA: true,
    ...(extensions.pathLength !== undefined && { pathLength: extensions.pathLength }),
    ...(extensions.keyUsage !== undefined && { keyUsage: extensions.keyUsage }),
    // The identifier by which what the other root signed names it.
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
