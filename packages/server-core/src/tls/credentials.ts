/** What TLS is given: the server's own certificate, and the list of those that are revoked. Each is renewed in time. */
import type { SecureContextOptions } from 'node:tls';
import type { Authority, Certificates, TlsIdentity } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';
import { secureContext } from './options.ts';
import { RevocationList } from './revocation-list.ts';
import { ServerCertificate } from './server-certificate.ts';

export interface CredentialsOptions {
  readonly authority: Authority;
  readonly certificates: Certificates;
  /** Host names and addresses besides the usual ones. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Gets each list as well: PEM. */
  readonly publish: (list: string) => Promise<void>;
  /** Gets the context whenever it is another; those before the end of `start` too. */
  readonly changed: (context: SecureContextOptions) => void;
}

export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #certificate: ServerCertificate;
  readonly #revocations: RevocationList;
  #identity: TlsIdentity | null = null;
  #revoked: string | null = null;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#certificate = new ServerCertificate(options);
    this.#revocations = new RevocationList({ ...options, publish: (list) => this.#publish(list) });
  }

  /** Makes both; from then on they are renewed until `stop`. */
  async start(): Promise<void> {
    this.#identity = await this.#certificate.start((renewed) => {
      this.#identity = renewed;
      this.#change();
    });
    await this.#revocations.start();
  }

  /** Makes another list; resolves when connections are held against it. */
  renewRevocations(): Promise<void> {
    return this.#revocations.renew();
  }

  stop(): void {
    this.#certificate.stop();
    this.#revocations.stop();
  }

  async #publish(list: string): Promise<void> {
    this.#revoked = list;
    this.#change();
    await this.#options.publish(list);
  }

  #change(): void {
    if (this.#identity === null || this.#revoked === null) return;
    this.#options.changed(secureContext(this.#identity, this.#options.authority.certificate, this.#revoked));
  }
}
