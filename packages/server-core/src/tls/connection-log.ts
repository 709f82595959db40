/** What becomes of connections at a port before they have a session: counted, and logged at most once a second of a kind. */
import type { Log } from '../ports/log.ts';
import type { Metrics, Service } from '../ports/metrics.ts';
import { SparseLog } from '../sparse-log.ts';

/** Options of `ConnectionLog`. */
export interface ConnectionLogOptions {
  readonly service: Service;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The log lines of one port that any host can cause. */
export class ConnectionLog {
  readonly #options: ConnectionLogOptions;
  readonly #dropped: SparseLog;
  readonly #failed: SparseLog;
  readonly #left: SparseLog;
  readonly #broken: SparseLog;

  constructor(options: ConnectionLogOptions) {
    const { log } = options;
    this.#options = options;
    this.#dropped = new SparseLog((fields) => log.warn(fields, 'connection dropped: too many are open'));
    this.#failed = new SparseLog((fields) => log.info(fields, 'TLS handshake failed'));
    this.#left = new SparseLog((fields) => log.debug(fields, 'connection closed during the TLS handshake'));
    this.#broken = new SparseLog((fields) => log.error(fields, 'the listener failed'));
  }

  /** A connection was dropped because there are too many. */
  dropped(fields: { readonly why: string; readonly host?: string }): void {
    const { service, metrics } = this.#options;
    metrics.dropped(service);
    this.#dropped.note({ service, ...fields });
  }

  /** A handshake failed, or the listener refused the client's certificate. */
  failed(code: string): void {
    const { service, metrics } = this.#options;
    metrics.handshakeFailed(service);
    this.#failed.note({ service, code });
  }

  /** The client closed the connection during the handshake, as clients do that only look which CA the server has. */
  left(): void {
    this.#left.note({ service: this.#options.service });
  }

  /** The listener reported an error. */
  broken(error: Error): void {
    this.#broken.note({ service: this.#options.service, error });
  }

  /** Writes what was counted since the last lines. */
  flush(): void {
    for (const log of [this.#dropped, this.#failed, this.#left, this.#broken]) log.flush();
  }
}
