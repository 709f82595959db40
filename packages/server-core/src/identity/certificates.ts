/**
 * The server's CA: issues certificates for users and for the server itself, revokes them, and creates revocation lists.
 * A client certificate names the user and the identity key's fingerprint. Of a request, only its public key is used.
 */
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import {
  CaError,
  type CaErrorCode,
  type Certificate,
  CertificateAuthority,
  createCertRequest,
  createKeyPair,
  type Grant,
  type Ledger,
  type PermanentRevocationReason,
  type PreparedRequest,
  privateKeyToPem,
  profiles,
  readCertificate,
} from '@chat/mini-ca';
import { type Identity, limits, ProtocolError, serverName, type UserName } from '@chat/protocol';
import type { Directory } from '../ports/directory.ts';
import { certificateNamesOf } from './certificate-names.ts';
import { accessRevokedError } from './registered-user.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const clientLifetimeMs = 1 * dayMs;
const serverLifetimeMs = 30 * dayMs;
/** A machine that wakes after some days of sleep must accept connections before it has created the next list. */
const listLifetimeMs = 7 * dayMs;

/**
 * Certificates of one user that log in. Two, because a client may have lost the answer with the newest one, and because it may still
 * be connected with the one before.
 */
const certificatesPerUser = 2;
/** Time for which the owner of an expired certificate is kept: longer than a clock is wrong by mistake. */
const keptAfterExpiryMs = 30 * dayMs;

/** A CA's certificate and key. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

/** A request for a client certificate that `Certificates.checkRequest` has accepted. */
export interface ClientRequest {
  readonly user: UserName;
  readonly prepared: PreparedRequest;
}

/** A certificate with its private key, for TLS. */
export interface TlsIdentity {
  readonly certificate: Certificate;
  /** PEM. */
  readonly key: string;
}

/** Codes that mean a fault of the request. Any other `CaError` is a defect of the server. */
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
  'key-not-allowed',
  'name-kind-not-allowed',
  'wildcard-not-allowed',
  'look-alike-name',
  'name-not-granted',
  'ca-not-allowed',
  'purpose-not-allowed',
  'extension-not-allowed',
]);

interface CertificatesOptions {
  readonly authority: Authority;
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly clock: () => number;
}

/** The server's CA, with the directory that names the owner of each certificate. */
export class Certificates {
  readonly #ca: CertificateAuthority<Grant>;
  readonly #directory: Directory;
  readonly #clock: () => number;

  /** @throws CaError when the authority cannot sign */
  constructor({ authority, ledger, directory, clock }: CertificatesOptions) {
    this.#ca = new CertificateAuthority<Grant>({
      certificate: authority.certificate,
      privateKey: authority.privateKey,
      ledger,
      // Enrolment, or the operator's settings, have decided before what to grant.
      authorise: ({ context }) => context,
      // The operator may name the server by a wildcard.
      profiles: { server: { ...profiles.server, wildcards: true } },
      clock: () => new Date(clock()),
    });
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * Checks whether the CA would sign this request for this identity. Callers use it before they change anything for the user,
   * and pass the result to `issueClient`, which parses and verifies nothing again.
   *
   * @throws ProtocolError `certificate-request-refused`
   */
  checkRequest(identity: Identity, request: string): ClientRequest {
    if (request.length > limits.requestPemBytes) throw refused(`it is over ${limits.requestPemBytes} bytes`);
    try {
      return { user: identity.user, prepared: this.#ca.check(request, grantFor(identity)) };
    } catch (error) {
      throw error instanceof CaError && requestFaults.has(error.code) ? refused(error.message, error) : error;
    }
  }

  /**
   * Issues a client certificate that is valid for 24 hours. It supersedes all of the user's certificates but the latest one, once
   * its owner is recorded. A crash before that supersedes nothing.
   *
   * @returns PEM
   * @throws ProtocolError `access-revoked`
   */
  async issueClient({ user, prepared }: ClientRequest): Promise<string> {
    const { certificate, serial, notAfter } = await this.#ca.issue(prepared, prepared.grant);
    const held = { serial, user, notAfter: notAfter.getTime() };
    if (!(await this.#directory.assignCertificate(held, certificatesPerUser))) throw accessRevokedError(user);
    return certificate;
  }

  /**
   * Issues the server's own certificate, for a new key.
   *
   * @param hosts names and addresses besides localhost and the name that all servers have
   */
  async issueServer(hosts: readonly string[]): Promise<TlsIdentity> {
    const keys = createKeyPair('ec', 'P-256');
    const allHosts = [...new Set([serverName, 'localhost', '127.0.0.1', '::1', ...hosts])];
    const names = {
      commonName: serverName,
      dns: allHosts.filter((host) => isIP(host) === 0),
      ip: allHosts.filter((host) => isIP(host) !== 0),
    };
    const request = createCertRequest(keys, { commonName: serverName });
    const { certificate } = await this.#ca.issue(request, { profile: 'server', names, lifetimeMs: serverLifetimeMs });
    return { certificate: readCertificate(certificate), key: privateKeyToPem(keys.privateKey) };
  }

  /**
   * Revokes the user's certificates that log in. It does not look at their dates, because the clock may be wrong. Superseded ones need
   * no revocation: no login accepts them.
   *
   * @returns the number of certificates that were not revoked before
   */
  async revokeCertificatesOf(user: UserName, reason: PermanentRevocationReason): Promise<number> {
    const serials = await this.#directory.certificatesOf(user);
    const revoked = await Promise.all(serials.map((serial) => this.#revoke(serial, reason)));
    return revoked.filter(Boolean).length;
  }

  /**
   * Creates the next revocation list. It is valid for seven days. Also forgets the owners of certificates that expired long ago.
   *
   * @returns PEM
   */
  async createRevocationList(): Promise<string> {
    await this.#directory.forgetCertificates(this.#clock() - keptAfterExpiryMs);
    return this.#ca.createCrl({ lifetimeMs: listLifetimeMs });
  }

  /** Returns false for a certificate that was revoked before. */
  async #revoke(serial: string, reason: PermanentRevocationReason): Promise<boolean> {
    try {
      await this.#ca.revoke(serial, reason);
      return true;
    } catch (error) {
      if (error instanceof CaError && error.code === 'already-revoked') return false;
      throw error;
    }
  }
}

const grantFor = (identity: Identity): Grant => ({
  profile: 'client',
  names: certificateNamesOf(identity),
  lifetimeMs: clientLifetimeMs,
});

function refused(why: string, cause?: CaError): ProtocolError {
  return new ProtocolError(
    'certificate-request-refused',
    `The certificate request cannot be signed (${why}): send a PKCS#10 request for a new P-256 key, in your own name only.`,
    { cause },
  );
}
