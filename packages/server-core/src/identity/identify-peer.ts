/** Whether a client certificate names a registered person with the very key that they are registered with. */
import { ProtocolError } from '@chat/protocol';
import type { Directory } from '../ports/directory.ts';
import { type CertificateNames, readCertificateNames } from './certificate-names.ts';
import { findRegisteredUser, type RegisteredUser } from './registered-user.ts';

export interface Peer {
  readonly person: RegisteredUser;
  readonly certified: CertificateNames;
}

/**
 * Whom a certificate of this server's CA (DER) stands for, at `now` in milliseconds. Its signature and dates have been
 * verified by TLS. Throws `login-refused`, and `access-revoked`.
 */
export async function identifyPeer(directory: Directory, certificate: Uint8Array, now: number): Promise<Peer> {
  const refused = (why: string) => new ProtocolError('login-refused', why);
  const certified = readCertificateNames(certificate);
  if (certified === null) {
    throw refused('The certificate does not name a user and an identity key: get one on the enrolment port.');
  }
  if (certified.expiresAt <= now) {
    throw refused('The certificate has expired by the clock of this server: renew it on the enrolment port.');
  }
  const person = await findRegisteredUser(directory, certified.user);
  if (person?.fingerprint !== certified.fingerprint) {
    throw refused(`The certificate names a key that is not ${certified.user}'s in the directory: enrol again.`);
  }
  return { person, certified };
}
