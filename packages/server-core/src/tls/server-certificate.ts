/** The server's own certificate: renews it in time, without a restart. */
import { renewalWindow } from '@chat/mini-ca';
import type { Certificates, TlsIdentity } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';

/** Options of `ServerCertificate`. `clock` returns milliseconds. */
export interface ServerCertificateOptions {
  readonly certificates: Certificates;
  /** Host names and addresses besides localhost and the name that all servers have, at first. */
  readonly hosts: readonly string[];
  readonly clock: () => number;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Time between two checks of the clock. A timer for the renewal itself would not notice that the clock was corrected or that the
 * machine slept. It is also the time from a failed renewal to the next attempt.
 */
const checkIntervalMs = 60_000;

/** Issues the server's certificate and renews it. */
export class ServerCertificate {
  readonly #options: ServerCertificateOptions;
  /** Start of the present certificate's validity, and the time of its renewal: milliseconds. */
  #validity = { from: 0, renewAt: 0 };
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  #hosts: readonly string[];

  constructor(options: ServerCertificateOptions) {
    this.#options = options;
    this.#hosts = options.hosts;
  }

  /** Issues the first certificate, and calls `renewed` with each later one until `stop`. */
  async start(renewed: (identity: TlsIdentity) => void): Promise<TlsIdentity> {
    const identity = await this.#issue();
    this.#timer = setInterval(() => void this.#renewWhenDue(renewed), checkIntervalMs);
    this.#timer.unref();
    return identity;
  }

  /** Issues a certificate for other names. When that fails, the present one and its names stay. */
  async rename(hosts: readonly string[]): Promise<TlsIdentity> {
    const before = this.#hosts;
    this.#hosts = hosts;
    try {
      return await this.#issue();
    } catch (error) {
      this.#hosts = before;
      throw error;
    }
  }

  /** Stops the renewal. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #issue(): Promise<TlsIdentity> {
    const { certificates, random } = this.#options;
    const identity = await certificates.issueServer(this.#hosts);
    const { certificate } = identity;
    this.#validity = {
      from: certificate.notBefore.getTime(),
      renewAt: renewalWindow(certificate, random).at.getTime(),
    };
    return identity;
  }

  async #renewWhenDue(renewed: (identity: TlsIdentity) => void): Promise<void> {
    const { clock, log } = this.#options;
    const now = clock();
    if (this.#renewing || (now >= this.#validity.from && now < this.#validity.renewAt)) return;
    this.#renewing = true;
    try {
      const identity = await this.#issue();
      if (this.#timer === undefined) return;
      renewed(identity);
      log.info({ notAfter: identity.certificate.notAfter }, 'server certificate renewed');
    } catch (error) {
      log.error({ error }, 'the server certificate could not be renewed; the server tries again in a minute');
    } finally {
      this.#renewing = false;
    }
  }
}
