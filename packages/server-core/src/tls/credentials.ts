/** The server's own certificate, and the certificates that it refuses because they were revoked. Both are renewed in time. */
import type { SecureContextOptions } from 'node:tls';
import { readCrl } from '@chat/mini-ca';
import type { Certificates, TlsIdentity } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';
import { type AuthorityChain, secureContext } from './options.ts';
import { RevocationList } from './revocation-list.ts';
import { ServerCertificate } from './server-certificate.ts';

/** Options of `Credentials`. `clock` returns milliseconds. */
export interface CredentialsOptions {
  readonly chain: AuthorityChain;
  readonly certificates: Certificates;
  /** Host names and addresses besides localhost and the name that all servers have. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Gets each revocation list, PEM. */
  readonly publish: (list: string) => Promise<void>;
  /** Gets the context of TLS whenever it has changed, also before `start` resolves. */
  readonly changed: (context: SecureContextOptions) => void;
}

/** The server's certificate and the revocation list, with their renewal. */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #certificate: ServerCertificate;
  readonly #revocationLists: RevocationList;
  /** The end of the present certificate, in milliseconds. */
  certificateEndsAt = 0;
  /** Serial numbers, as the latest list has them. */
  #revoked: ReadonlyMap<string, unknown> = new Map();

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#certificate = new ServerCertificate(options);
    this.#revocationLists = new RevocationList({ ...options, publish: (list) => this.#publish(list) });
  }

  /** Creates both, and renews them until `stop`. */
  async start(): Promise<void> {
    const identity = await this.#certificate.start((renewed) => this.#change(renewed));
    await this.#revocationLists.start();
    this.#change(identity);
  }

  /**
   * Replaces the host names and addresses of the server's certificate: new connections get a certificate with the new ones. Rejects with
   * the error of the CA, and changes nothing then.
   */
  async rename(hosts: readonly string[]): Promise<void> {
    this.#change(await this.#certificate.rename(hosts));
  }

  /** Returns whether a certificate was revoked. To be asked after each handshake, before anything is read from the connection. */
  isRevoked(serial: string): boolean {
    return this.#revoked.has(serial);
  }

  /** Creates a new revocation list. Resolves when connections are checked against it. */
  renewRevocationList(): Promise<void> {
    return this.#revocationLists.renew();
  }

  /** Stops the renewal of both. */
  stop(): void {
    this.#certificate.stop();
    this.#revocationLists.stop();
  }

  async #publish(list: string): Promise<void> {
    this.#revoked = readCrl(list).revoked;
    await this.#options.publish(list);
  }

  #change(identity: TlsIdentity): void {
    this.certificateEndsAt = identity.certificate.notAfter.getTime();
    this.#options.changed(secureContext(identity, this.#options.chain));
  }
}
