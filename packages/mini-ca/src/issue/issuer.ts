/** A CA certificate together with its key, checked once: who may sign, and for how long. */
import type { KeyObject } from 'node:crypto';
import { CaError } from '../errors.ts';
import { isKeyPair } from '../keys/key-pair.ts';
import { requireStrongKey, spkiOf } from '../keys/key-policy.ts';
import { type ParsedCertificate, parseCertificate } from '../x509/certificate.ts';
import { keyIdentifierOf } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';

export interface Issuer {
  readonly certificate: ParsedCertificate;
  readonly privateKey: KeyObject;
}

/** May this certificate sign others (RFC 5280 sections 4.2.1.3 and 4.2.1.9)? */
export function canSignCertificates({ extensions }: ParsedCertificate): boolean {
  return extensions.isCA === true && ((extensions.keyUsage ?? 0) & keyUsageBits.keyCertSign) !== 0;
}

/** May this certificate sign revocation lists (RFC 5280 section 4.2.1.3)? */
export function canSignLists({ extensions }: ParsedCertificate): boolean {
  return ((extensions.keyUsage ?? 0) & keyUsageBits.cRLSign) !== 0;
}

/** What the authority key identifier of everything that it signs must be (RFC 5280 section 4.2.1.1). */
export function keyIdentifierOfIssuer({ certificate }: Issuer): Uint8Array {
  return certificate.extensions.subjectKeyId ?? keyIdentifierOf(spkiOf(certificate.info.publicKey));
}

/**
 * @param certificate PEM of the CA certificate
 * @throws CaError `not-a-ca`, `key-mismatch`, `weak-key`, `unsupported-algorithm`, `FormErrorCode`
 */
export function issuerFrom(certificate: string, privateKey: KeyObject): Issuer {
  const parsed = parseCertificate(certificate);
  if (!canSignCertificates(parsed)) {
    throw new CaError('not-a-ca', 'the issuing certificate needs CA:TRUE and the key usage keyCertSign');
  }
  requireStrongKey(privateKey);
  if (!isKeyPair(privateKey, parsed.info.publicKey)) {
    throw new CaError('key-mismatch', 'the private key is not the one of the issuing certificate');
  }
  return { certificate: parsed, privateKey };
}
