/** The server's own certificate, renewed in time and without a restart. */
import { renewalTime } from '@chat/mini-ca';
import type { Certificates, TlsIdentity } from './domain/certificates.ts';
import type { Log } from './ports/log.ts';

export interface ServerCertificateOptions {
  readonly certificates: Certificates;
  /** Host names and addresses besides the usual ones. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** The longest that a timer can wait, in milliseconds. */
const longest = 2 ** 31 - 1;
/** From a renewal that failed to the next try. */
const retry = 60_000;

export class ServerCertificate {
  readonly #options: ServerCertificateOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ServerCertificateOptions) {
    this.#options = options;
  }

  /** Issues the first, and calls `renewed` with each one after it until `stop`. */
  async start(renewed: (identity: TlsIdentity) => void): Promise<TlsIdentity> {
    const identity = await this.#issue();
    this.#schedule(identity, renewed);
    return identity;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #issue(): Promise<TlsIdentity> {
    return this.#options.certificates.issueServer(this.#options.hosts);
  }

  #schedule({ certificate }: TlsIdentity, renewed: (identity: TlsIdentity) => void): void {
    const at = renewalTime(certificate, this.#options.random).getTime();
    this.#after(at - this.#options.clock(), renewed);
  }

  #after(delay: number, renewed: (identity: TlsIdentity) => void): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        if (delay > longest) this.#after(delay - longest, renewed);
        else void this.#renew(renewed);
      },
      Math.min(Math.max(delay, 0), longest),
    );
    this.#timer.unref();
  }

  async #renew(renewed: (identity: TlsIdentity) => void): Promise<void> {
    const { log } = this.#options;
    try {
      const identity = await this.#issue();
      if (this.#stopped) return;
      renewed(identity);
      log.info({ notAfter: identity.certificate.notAfter }, 'server certificate renewed');
      this.#schedule(identity, renewed);
    } catch (error) {
      log.error({ error }, 'the server certificate could not be renewed; the next try is in a minute');
      this.#after(retry, renewed);
    }
  }
}
