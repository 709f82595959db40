/**
 * The server's CA: certificates for people and for the server itself, revocations, and the list of these.
 * A client's certificate names the user and the identity key's fingerprint; of the request only its key is used.
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

const day = 24 * 60 * 60 * 1_000;
const clientLifetime = 1 * day;
const serverLifetime = 30 * day;
/** Long enough for a machine that slept over some days to let people in before it has looked at its clock. */
const listLifetime = 7 * day;

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

export class Certificates {
  readonly #ca: CertificateAuthority<Grant>;
  readonly #directory: Directory;
  readonly #clock: () => number;

  /** Throws `CaError` when the authority is of no use. */
  constructor({ authority, ledger, directory, clock }: CertificatesOptions) {
    this.#ca = new CertificateAuthority<Grant>({
      ...authority,
      ledger,
      // Who gets what was decided before: by enrolment, or by whoever runs the server.
      authorise: ({ context }) => context,
      // They also say how it is called.
      profiles: { server: { ...profiles.server, wildcards: true } },
      clock: () => new Date(clock()),
    });
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * Checks whether the CA would sign this request for the holder. Callers use it before they change anything for the holder,
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
   * Issues a client certificate that is valid for 24 hours.
   *
   * @returns PEM
   * @throws ProtocolError `access-revoked`
   */
  async issueClient({ user, prepared }: ClientRequest): Promise<string> {
    const { certificate, serial, notAfter } = await this.#ca.issue(prepared, prepared.grant);
    if (!(await this.#directory.assignCertificate({ serial, user, notAfter: notAfter.getTime() }))) {
      throw accessRevokedError(user);
    }
    return certificate;
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
    const { certificate } = await this.#ca.issue(request, { profile: 'server', names, lifetimeMs: serverLifetime });
    return { certificate: readCertificate(certificate), key: privateKeyToPem(keys.privateKey) };
  }

  /** Revokes this user's certificates that are good for anything still; returns how many that were. */
  async revokeCertificatesOf(user: UserName, reason: PermanentRevocationReason): Promise<number> {
    const serials = await this.#directory.certificatesOf(user, this.#clock());
    const revoked = await Promise.all(serials.map((serial) => this.#revoke(serial, reason)));
    return revoked.filter(Boolean).length;
  }

  /** The next list of what is revoked: PEM. Good for seven days. */
  revocationList(): Promise<string> {
    return this.#ca.createCrl({ lifetimeMs: listLifetime });
  }

  /** False for one that was revoked before. */
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
  lifetimeMs: clientLifetime,
});

function refused(why: string, cause?: CaError): ProtocolError {
  return new ProtocolError(
    'certificate-request-refused',
    `The certificate request cannot be signed (${why}): send a PKCS#10 request for a new P-256 key, in nobody's name but yours.`,
    { cause },
  );
}
