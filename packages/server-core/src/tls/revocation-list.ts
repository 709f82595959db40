/** Creates the CA's revocation list after every revocation, and every day, long before the last one expires. */
import type { Certificates } from '../identity/certificates.ts';
import type { Log } from '../ports/log.ts';

/** Options of `RevocationList`. `clock` returns milliseconds. */
export interface RevocationListOptions {
  readonly certificates: Certificates;
  readonly clock: () => number;
  readonly log: Log;
  /** Applies each list, PEM. Calls come one after another. */
  readonly publish: (list: string) => void | Promise<void>;
}

/** Time between two checks of the clock, as for the server's certificate. */
const checkIntervalMs = 60_000;
/** Age at which a list is replaced. */
const maxAgeMs = 24 * 60 * 60 * 1_000;

/** Creates and publishes revocation lists, one after another. */
export class RevocationList {
  readonly #options: RevocationListOptions;
  /** Time of the present list in milliseconds; null while a newer one is needed. */
  #madeAt: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #latest: Promise<void> = Promise.resolve();

  constructor(options: RevocationListOptions) {
    this.#options = options;
  }

  /** Creates the first list, and the next ones until `stop`. */
  async start(): Promise<void> {
    await this.#create();
    this.#timer = setInterval(() => this.#renewWhenDue(), checkIntervalMs);
    this.#timer.unref();
  }

  /** Stops the renewal. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Creates a list with all revocations so far. Resolves when it is applied, or when it has failed and will be tried again. */
  renew(): Promise<void> {
    this.#madeAt = null;
    this.#latest = this.#latest
      .then(() => this.#create())
      .catch((error: unknown) =>
        this.#options.log.error(
          { error },
          'the revocation list could not be renewed; the server tries again in a minute',
        ),
      );
    return this.#latest;
  }

  async #create(): Promise<void> {
    const { certificates, clock, publish } = this.#options;
    const madeAt = clock();
    await publish(await certificates.createRevocationList());
    this.#madeAt = madeAt;
  }

  #renewWhenDue(): void {
    const ageMs = this.#madeAt === null ? maxAgeMs : this.#options.clock() - this.#madeAt;
    // A list from the future was created before the clock was corrected.
    if (ageMs < 0 || ageMs >= maxAgeMs) void this.renew();
  }
}
