/** Names in a client certificate: the user and the fingerprint of the identity key, as URIs. A certificate is parsed once. */
import type { X509Certificate } from 'node:crypto';
import { type Names, readCertificate } from '@chat/mini-ca';
import type { Identity } from '@chat/protocol';

const userUrn = 'urn:chat:user:';
const identityUrn = 'urn:chat:identity:';

/** What the server needs of a client certificate. */
export interface ClientCertificate {
  /** Serial number as the CA's ledger has it. */
  readonly serial: string;
  /** End of the certificate's validity, milliseconds. */
  readonly expiresAt: number;
  /** The identity that it names; null when its names do not have the form that `certificateNamesOf` gives them. */
  readonly names: Identity | null;
}

/** Returns the names to put into a certificate for this identity. */
export const certificateNamesOf = ({ user, fingerprint }: Identity): Names => ({
  commonName: user,
  uri: [`${userUrn}${user}`, `${identityUrn}${fingerprint}`],
});

/** The names of a certificate that this server has issued, as OpenSSL prints them. It would quote a name that has a comma. */
const ownNames = /^URI:urn:chat:user:([a-z0-9][a-z0-9_-]{0,31}), URI:urn:chat:identity:([0-9a-f]{64})$/;

/** Reads a certificate of the usual form from what OpenSSL has parsed; null for any other. It takes 10 us in place of 360. */
function readOwn({ serialNumber, subject, subjectAltName, validToDate }: X509Certificate): ClientCertificate | null {
  const [, user, fingerprint] = ownNames.exec(subjectAltName ?? '') ?? [];
  if (user === undefined || fingerprint === undefined || subject !== `CN=${user}`) return null;
  return { serial: serialNumber.toLowerCase(), expiresAt: validToDate.getTime(), names: { user, fingerprint } };
}

/** Reads any certificate. */
function readAny(der: Uint8Array): ClientCertificate {
  const { serial, subject, names, notAfter } = readCertificate(der);
  return { serial, expiresAt: notAfter.getTime(), names: identityOf(names, subject.commonName) };
}

function identityOf({ uri = [] }: Names, commonName: string | undefined): Identity | null {
  const [first, second, ...others] = uri;
  if (first === undefined || second === undefined || others.length > 0) return null;
  if (!first.startsWith(userUrn) || !second.startsWith(identityUrn)) return null;
  const user = first.slice(userUrn.length);
  return user === commonName ? { user, fingerprint: second.slice(identityUrn.length) } : null;
}

/** Number of certificates whose contents are remembered: 400 bytes each. More users than that seldom connect in one day. */
const maxRemembered = 10_000;

/** Reads client certificates, and remembers the contents of those that it has read last: a client shows the same one for a day. */
export class ClientCertificates {
  readonly #byHash = new Map<string, ClientCertificate>();

  /**
   * Returns the contents of a certificate.
   *
   * @param certificate one that TLS has verified: only the CA adds to what is remembered
   */
  read(certificate: X509Certificate): ClientCertificate {
    const key = certificate.fingerprint256;
    const known = this.#byHash.get(key) ?? readOwn(certificate) ?? readAny(certificate.raw);
    // At the end, so that the one that was shown the longest time ago comes first.
    this.#byHash.delete(key);
    this.#byHash.set(key, known);
    const [oldest] = this.#byHash.size > maxRemembered ? this.#byHash.keys() : [];
    if (oldest !== undefined) this.#byHash.delete(oldest);
    return known;
  }
}
