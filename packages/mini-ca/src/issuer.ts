/** A CA certificate together with its key, checked once: who may sign leaves, and for how long. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import { CaError } from './errors.ts';
import { KeyUsage } from './extensions.ts';
import { requireStrongKey } from './key-policy.ts';

export interface Issuer {
  readonly certificate: ParsedCertificate;
  readonly privateKey: KeyObject;
}

/** May this certificate sign others (RFC 5280 sections 4.2.1.3 and 4.2.1.9)? */
export function canSignCertificates({ extensions }: ParsedCertificate): boolean {
  return extensions.isCA === true && ((extensions.keyUsage ?? 0) & KeyUsage.keyCertSign) !== 0;
}

/**
 * @param certificate PEM of the CA certificate
 * @throws CaError `not-a-ca`, `key-mismatch`, `weak-key`, `unsupported-algorithm`, `malformed`
 */
export function issuerFrom(certificate: string, privateKey: KeyObject): Issuer {
  const parsed = parseCertificate(certificate);
  if (!canSignCertificates(parsed)) {
    throw new CaError('not-a-ca', 'the issuing certificate needs CA:TRUE and the key usage keyCertSign');
  }
  requireStrongKey(privateKey);
  if (privateKey.type !== 'private' || !createPublicKey(privateKey).equals(parsed.info.publicKey)) {
    throw new CaError('key-mismatch', 'the private key is not the one of the issuing certificate');
  }
  return { certificate: parsed, privateKey };
}
