/**
 * Issuing certificates: check the request, apply the profile, sign, record, and only then hand out.
 * A client's certificate names the user and the identity key's fingerprint; nothing is taken from the request but its key.
 */
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import {
  CaError,
  type CaErrorCode,
  type Certificate,
  checkRequest,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  type Names,
  type Profile,
  privateKeyToPem,
  profiles,
  readCertificate,
} from '@chat/mini-ca';
import { type Fingerprint, limits, ProtocolError, serverName, type UserName } from '@chat/protocol';
import type { Directory } from '../ports/directory.ts';

const day = 24 * 60 * 60 * 1_000;
const clientLifetime = 1 * day;
const serverLifetime = 30 * day;

/** Whoever runs the server says how it is called. */
const ownProfile: Profile = { ...profiles.server, wildcards: true };

const userUrn = 'urn:chat:user:';
const identityUrn = 'urn:chat:identity:';

export interface CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

/** Whom a client certificate names. */
export interface Certified {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** A certificate with its key, as TLS takes them: PEM. */
export interface TlsIdentity {
  readonly certificate: Certificate;
  readonly key: string;
}

/** These say that the request is at fault; any other `CaError` would be ours. */
const requestFaults: ReadonlySet<CaErrorCode> = new Set([
  'malformed',
  'not-canonical',
  'trailing-bytes',
  'too-large',
  'duplicate-extension',
  'no-possession',
  'weak-key',
  'weak-digest',
  'unsupported-algorithm',
  'bad-name',
]);

export class Certificates {
  readonly #ca: CertificateAuthority;
  readonly #directory: Directory;
  readonly #clock: () => number;

  constructor(ca: CertificateAuthority, directory: Directory, clock: () => number) {
    this.#ca = ca;
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * Whether `issueClient` will take this request, before anything is done for whom it is. Throws
   * `certificate-request-refused`.
   */
  checkRequest(request: string): void {
    if (request.length > limits.requestPemBytes) throw refused(`it is over ${limits.requestPemBytes} bytes`);
    try {
      const { keyType } = checkRequest(request);
      if (keyType === 'dsa') throw refused('DSA keys are not for TLS');
    } catch (error) {
      throw error instanceof CaError && requestFaults.has(error.code) ? refused(error.message, error) : error;
    }
  }

  /** A client certificate for 24 hours, in PEM, for a request that was checked. */
  async issueClient(user: UserName, identity: Fingerprint, request: string): Promise<string> {
    const names = { commonName: user, uri: [`${userUrn}${user}`, `${identityUrn}${identity}`] };
    const { pem } = await this.#issue({ request, profile: profiles.client, names, lifetimeMs: clientLifetime }, user);
    return pem;
  }

  /** The server's own certificate, for a new key. `hosts` are names or addresses besides the usual ones. */
  async issueServer(hosts: readonly string[]): Promise<TlsIdentity> {
    const keys = createKeyPair('ec', 'P-256');
    const all = [...new Set([serverName, 'localhost', '127.0.0.1', '::1', ...hosts])];
    const names = {
      commonName: serverName,
      dns: all.filter((host) => isIP(host) === 0),
      ip: all.filter((host) => isIP(host) !== 0),
    };
    const request = createCertRequest(keys, { commonName: serverName });
    const certificate = await this.#issue({ request, profile: ownProfile, names, lifetimeMs: serverLifetime }, null);
    return { certificate, key: privateKeyToPem(keys.privateKey) };
  }

  async #issue(
    order: { request: string; profile: Profile; names: Names; lifetimeMs: number },
    user: UserName | null,
  ): Promise<Certificate> {
    const issuedAt = this.#clock();
    const certificate = readCertificate(issueCertificate({ ...order, ca: this.#ca, now: new Date(issuedAt) }));
    const { serial, fingerprint, notBefore, notAfter } = certificate;
    await this.#directory.recordCertificate({
      serial,
      user,
      fingerprint,
      notBefore: notBefore.getTime(),
      notAfter: notAfter.getTime(),
      issuedAt,
    });
    return certificate;
  }
}

function refused(why: string, cause?: CaError): ProtocolError {
  return new ProtocolError(
    'certificate-request-refused',
    `The certificate request cannot be signed (${why}): send a PKCS#10 request for a new P-256 key.`,
    { cause },
  );
}

/** Whom this client certificate (DER) names; null when it is not one of those that `issueClient` makes. */
export function readCertified(der: Uint8Array): Certified | null {
  const { subject, names, notAfter } = readCertificate(der);
  const [first, second, ...others] = names.uri ?? [];
  if (first === undefined || second === undefined || others.length > 0) return null;
  if (!first.startsWith(userUrn) || !second.startsWith(identityUrn)) return null;
  const user = first.slice(userUrn.length);
  if (user !== subject.commonName) return null;
  return { user, fingerprint: second.slice(identityUrn.length), expiresAt: notAfter.getTime() };
}
