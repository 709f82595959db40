/** Identifies the user of a connection by the client certificate. */
import { ProtocolError } from '@chat/protocol';
import type { Directory } from '../ports/directory.ts';
import type { ClientCertificate } from './certificate-names.ts';
import { earlierKeyError, hadKey } from './key-chain.ts';
import { findUser, type KnownUser } from './registered-user.ts';

/** The user whom a connection's certificate names. A login proves that the client also has the user's identity key. */
export interface Peer extends KnownUser {
  /** Milliseconds. */
  readonly certificateExpiresAt: number;
  /** True when the certificate is not one of the latest that were issued to the user. A login with it is refused. */
  readonly hasSupersededCertificate: boolean;
}

/**
 * Finds the registered user whom a certificate names, revoked or not. TLS has verified the certificate's signature and dates
 * before.
 *
 * @param certificate a certificate of this server's CA
 * @param now milliseconds
 * @throws ProtocolError `login-refused`; `key-renewed` for an earlier key of the user, or `access-revoked` if the user is revoked
 */
export async function identifyPeer(directory: Directory, certificate: ClientCertificate, now: number): Promise<Peer> {
  const refused = (why: string) => new ProtocolError('login-refused', why);
  const { names, serial, expiresAt } = certificate;
  if (names === null) {
    throw refused('The certificate does not name a user and an identity key: get one on the enrolment port.');
  }
  if (expiresAt <= now) {
    throw refused('The certificate has expired by the clock of this server: renew it on the enrolment port.');
  }
  const [user, held] = await Promise.all([findUser(directory, names.user), directory.certificatesOf(names.user)]);
  if (
    user !== null &&
    user.fingerprint !== names.fingerprint &&
    (await hadKey(directory, user.user, names.fingerprint))
  )
    throw earlierKeyError(user);
  if (user === null || user.fingerprint !== names.fingerprint) {
    throw refused(`The certificate names a key that is not registered for ${names.user}: enrol again.`);
  }
  return {
    ...user,
    certificateExpiresAt: expiresAt,
    hasSupersededCertificate: !held.includes(serial),
  };
}
