/** How a client's certificate says whose it is: the user and their identity key, as URIs. */
import { type Names, readCertificate } from '@chat/mini-ca';
import type { Fingerprint, UserName } from '@chat/protocol';

const userUrn = 'urn:chat:user:';
const identityUrn = 'urn:chat:identity:';

/** Whom a client certificate names. */
export interface CertificateNames {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** The names in the certificate of this user with this identity key. */
export const certificateNamesOf = ({ user, fingerprint }: Pick<CertificateNames, 'user' | 'fingerprint'>): Names => ({
  commonName: user,
  uri: [`${userUrn}${user}`, `${identityUrn}${fingerprint}`],
});

/** Whom this client certificate (DER) names; null when it does not have names such as these. */
export function readCertificateNames(der: Uint8Array): CertificateNames | null {
  const { subject, names, notAfter } = readCertificate(der);
  const [first, second, ...others] = names.uri ?? [];
  if (first === undefined || second === undefined || others.length > 0) return null;
  if (!first.startsWith(userUrn) || !second.startsWith(identityUrn)) return null;
  const user = first.slice(userUrn.length);
  if (user !== subject.commonName) return null;
  return { user, fingerprint: second.slice(identityUrn.length), expiresAt: notAfter.getTime() };
}
