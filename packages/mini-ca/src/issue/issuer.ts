/** A CA certificate with its key, which may sign. */
import type { KeyObject } from 'node:crypto';
import { CaError } from '../errors.ts';
import { isKeyPair } from '../keys/key-pair.ts';
import { requireKeyObject, requireStrongKey, spkiOf } from '../keys/key-policy.ts';
import { type ParsedCertificate, parseCertificate } from '../x509/certificate.ts';
import { keyIdentifierOf } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';

/** A CA certificate and its private key. `issuerFrom` has checked that they belong together and may sign. */
export interface Issuer {
  readonly certificate: ParsedCertificate;
  readonly privateKey: KeyObject;
}

/** True when this certificate may sign certificates (RFC 5280 sections 4.2.1.3 and 4.2.1.9). */
export function canSignCertificates({ extensions }: ParsedCertificate): boolean {
  return extensions.isCA === true && ((extensions.keyUsage ?? 0) & keyUsageBits.keyCertSign) !== 0;
}

/** True when this certificate may sign revocation lists (RFC 5280 section 4.2.1.3). */
export function canSignLists({ extensions }: ParsedCertificate): boolean {
  return ((extensions.keyUsage ?? 0) & keyUsageBits.cRLSign) !== 0;
}

/** Returns the authority key identifier for everything that the issuer signs (RFC 5280 section 4.2.1.1). */
export function keyIdentifierOfIssuer({ certificate }: Issuer): Uint8Array {
  return certificate.extensions.subjectKeyId ?? keyIdentifierOf(spkiOf(certificate.info.publicKey));
}

/**
 * Checks that a CA certificate and a private key can issue certificates.
 *
 * @param certificate PEM of the CA certificate
 * @throws CaError `not-a-ca`, `key-mismatch`, `weak-key`, `unsupported-algorithm`, `FormErrorCode`
 */
export function issuerFrom(certificate: string, privateKey: KeyObject): Issuer {
  const parsed = parseCertificate(certificate);
  if (!canSignCertificates(parsed)) {
    throw new CaError('not-a-ca', 'the issuing certificate does not have CA:TRUE and the key usage keyCertSign');
  }
  requireKeyObject('privateKey', privateKey);
  requireStrongKey(privateKey);
  if (!isKeyPair(privateKey, parsed.info.publicKey)) {
    throw new CaError('key-mismatch', 'the private key does not belong to the issuing certificate');
  }
  return { certificate: parsed, privateKey };
}
