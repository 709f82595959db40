/** The server's own certificate and the revocation list, as TLS needs them. Both are renewed in time. */
import type { SecureContextOptions } from 'node:tls';
import type { Authority, Certificates, TlsIdentity } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';
import { secureContext } from './options.ts';
import { RevocationList } from './revocation-list.ts';
import { ServerCertificate } from './server-certificate.ts';

/** Options of `Credentials`. `clock` returns milliseconds. */
export interface CredentialsOptions {
  readonly authority: Authority;
  readonly certificates: Certificates;
  /** Host names and addresses besides localhost and the name that all servers have. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Gets each revocation list, PEM. */
  readonly publish: (list: string) => Promise<void>;
  /** Gets the context whenever it has changed, also before `start` resolves. */
  readonly changed: (context: SecureContextOptions) => void;
}

/** The server's certificate and the revocation list, with their renewal. */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #certificate: ServerCertificate;
  readonly #revocationLists: RevocationList;
  #identity: TlsIdentity | null = null;
  #revocationList: string | null = null;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#certificate = new ServerCertificate(options);
    this.#revocationLists = new RevocationList({ ...options, publish: (list) => this.#publish(list) });
  }

  /** Creates both, and renews them until `stop`. */
  async start(): Promise<void> {
    this.#identity = await this.#certificate.start((renewed) => {
      this.#identity = renewed;
      this.#change();
    });
    await this.#revocationLists.start();
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
    this.#revocationList = list;
    this.#change();
    await this.#options.publish(list);
  }

  #change(): void {
    if (this.#identity === null || this.#revocationList === null) return;
    this.#options.changed(secureContext(this.#identity, this.#options.authority.certificate, this.#revocationList));
  }
}
