/** The server's own certificate, renewed in time and without a restart. */
import { renewalWindow } from '@chat/mini-ca';
import type { Certificates, TlsIdentity } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';

export interface ServerCertificateOptions {
  readonly certificates: Certificates;
  /** Host names and addresses besides the usual ones. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Milliseconds from one look at the clock to the next. A timer that is set for the renewal itself would not notice when
 * the clock is put right, or that the machine slept; after a renewal that failed this is the time to the next try.
 */
const interval = 60_000;

export class ServerCertificate {
  readonly #options: ServerCertificateOptions;
  /** In milliseconds: from when the present certificate is valid, and when the next is due. */
  #span = { from: 0, to: 0 };
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;

  constructor(options: ServerCertificateOptions) {
    this.#options = options;
  }

  /** Issues the first, and calls `renewed` with each one after it until `stop`. */
  async start(renewed: (identity: TlsIdentity) => void): Promise<TlsIdentity> {
    const identity = await this.#issue();
    this.#timer = setInterval(() => void this.#look(renewed), interval);
    this.#timer.unref();
    return identity;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #issue(): Promise<TlsIdentity> {
    const { certificates, hosts, random } = this.#options;
    const identity = await certificates.issueServer(hosts);
    const { certificate } = identity;
    this.#span = { from: certificate.notBefore.getTime(), to: renewalWindow(certificate, random).at.getTime() };
    return identity;
  }

  async #look(renewed: (identity: TlsIdentity) => void): Promise<void> {
    const { clock, log } = this.#options;
    const now = clock();
    if (this.#renewing || (now >= this.#span.from && now < this.#span.to)) return;
    this.#renewing = true;
    try {
      const identity = await this.#issue();
      if (this.#timer === undefined) return;
      renewed(identity);
      log.info({ notAfter: identity.certificate.notAfter }, 'server certificate renewed');
    } catch (error) {
      log.error({ error }, 'the server certificate could not be renewed; the next try is in a minute');
    } finally {
      this.#renewing = false;
    }
  }
}
