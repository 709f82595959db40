/** The list of revoked certificates: made anew when there is one more, and well before it ends. */
import type { Certificates } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';

export interface RevocationListOptions {
  readonly certificates: Certificates;
  readonly clock: () => number;
  readonly log: Log;
  /** Gets each list, in PEM, and puts it to use. Lists come one after another. */
  readonly publish: (list: string) => void | Promise<void>;
}

/** Milliseconds from one look at the clock to the next, as for the server's certificate. */
const interval = 60_000;
/** Milliseconds after which there is another list. */
const day = 24 * 60 * 60 * 1_000;

export class RevocationList {
  readonly #options: RevocationListOptions;
  /** When the present list was made, in milliseconds; null while it lacks something. */
  #madeAt: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #latest: Promise<void> = Promise.resolve();

  constructor(options: RevocationListOptions) {
    this.#options = options;
  }

  /** Makes the first, and the next ones in time until `stop`. */
  async start(): Promise<void> {
    await this.#make();
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Makes another of what is revoked by now; resolves when it is in use, or will be tried again. */
  renew(): Promise<void> {
    this.#madeAt = null;
    this.#latest = this.#latest
      .then(() => this.#make())
      .catch((error: unknown) =>
        this.#options.log.error({ error }, 'the revocation list could not be renewed; the next try is in a minute'),
      );
    return this.#latest;
  }

  async #make(): Promise<void> {
    const { certificates, clock, publish } = this.#options;
    const madeAt = clock();
    await publish(await certificates.revocationList());
    this.#madeAt = madeAt;
  }

  #look(): void {
    const age = this.#madeAt === null ? day : this.#options.clock() - this.#madeAt;
    // A list from the future is one from before the clock was put right.
    if (age < 0 || age >= day) void this.renew();
  }
}
