/** Names in a client certificate: the user and the fingerprint of the identity key, as URIs. */
import { type Names, readCertificate } from '@chat/mini-ca';
import type { Identity } from '@chat/protocol';

const userUrn = 'urn:chat:user:';
const identityUrn = 'urn:chat:identity:';

/** The identity that a client certificate names. */
export interface CertificateNames extends Identity {
  /** Serial number as the CA's ledger has it. */
  readonly serial: string;
  /** End of the certificate's validity, milliseconds. */
  readonly expiresAt: number;
}

/** Returns the names to put into a certificate for this identity. */
export const certificateNamesOf = ({ user, fingerprint }: Identity): Names => ({
  commonName: user,
  uri: [`${userUrn}${user}`, `${identityUrn}${fingerprint}`],
});

/**
 * Reads the identity that a client certificate names.
 *
 * @param der the certificate
 * @returns null when its names do not have the form that `certificateNamesOf` gives them
 */
export function readCertificateNames(der: Uint8Array): CertificateNames | null {
  const { serial, subject, names, notAfter } = readCertificate(der);
  const [first, second, ...others] = names.uri ?? [];
  if (first === undefined || second === undefined || others.length > 0) return null;
  if (!first.startsWith(userUrn) || !second.startsWith(identityUrn)) return null;
  const user = first.slice(userUrn.length);
  if (user !== subject.commonName) return null;
  return { serial, user, fingerprint: second.slice(identityUrn.length), expiresAt: notAfter.getTime() };
}
