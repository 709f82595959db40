/** What programs that watch a server read from it over HTTP: `/healthz`, `/readyz` and `/metrics`. */
import { statSync } from 'node:fs';
import type { Address, Log } from '@chat/server-core';
import { collectDefaultMetrics } from 'prom-client';
import { isLoopback } from '../config/hosts.ts';
import { metricsListenError } from '../config/listen-error.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import type { LineCounts } from '../repeated-lines.ts';
import type { StatusReport } from '../status/status-report.ts';
import { Counters } from './counters.ts';
import { type Answer, Endpoint } from './endpoint.ts';
import { checkReadiness, isReady, notServing, type Readiness, SlowChecks } from './readiness.ts';
import { registerState, type ShownServer, type State } from './state.ts';

/** Options of `Observability`. */
export interface ObservabilityOptions {
  readonly directory: DataDirectory;
  /** Of this program. */
  readonly version: string;
  readonly log: Log;
  /** Returns the number of lines of the log. */
  readonly lines: () => LineCounts;
}

/** A server that serves. */
export interface Serving {
  readonly server: ShownServer;
  readonly report: () => Promise<StatusReport>;
  readonly accounts: () => number;
  readonly freeBytes: () => Promise<number>;
  /** Returns the free bytes below which the server stores no messages. */
  readonly reserveBytes: () => number;
}

/** The time for which an answer about readiness stands, so that questions do not wear the disk. */
const readinessStandsMs = 1_000;

/** Watches a program from before its server serves until after it has stopped. */
export class Observability {
  readonly #options: ObservabilityOptions;
  readonly #setState: (state: State) => void;
  readonly #checks = new SlowChecks();
  #endpoint: Endpoint | null = null;
  #serving: Serving | null = null;
  #isStopping = false;
  #checked: { readonly at: number; readonly readiness: Promise<Readiness> } | null = null;
  #scrape: Promise<string> | null = null;
  /** What the server and the store report to. */
  readonly counters = new Counters();

  private constructor(options: ObservabilityOptions) {
    this.#options = options;
    collectDefaultMetrics({ register: this.counters.registry });
    this.#setState = registerState(this.counters.registry, options.version);
  }

  /**
   * Resolves when the endpoint listens. No server serves yet.
   *
   * @throws CommandError `cannot-listen`
   */
  static async open(address: Address, options: ObservabilityOptions): Promise<Observability> {
    const observability = new Observability(options);
    const routes = {
      '/healthz': async () => answerOf(200, 'The process answers.\n'),
      '/readyz': () => observability.#ready(),
      '/metrics': () => observability.#metrics(),
    };
    const { log } = options;
    observability.#endpoint = await Endpoint.listen(address, routes, log).catch((error: unknown) => {
      throw metricsListenError(error, address);
    });
    log.info({ ...observability.#endpoint.address }, 'metrics are served');
    if (!isLoopback(address.host)) {
      log.warn(
        { host: address.host },
        'every program that reaches this address can read the metrics: use an address that only your monitoring reaches',
      );
    }
    return observability;
  }

  /** To be called when a server serves. */
  serves(serving: Serving): void {
    this.#serving = serving;
    this.#checked = null;
  }

  /** To be called before the server stops. From then on it is not ready. */
  stops(): void {
    this.#isStopping = true;
    this.#checked = null;
  }

  /** To be called when the server has stopped. Another one may follow. */
  hasStopped(): void {
    this.#serving = null;
    this.#isStopping = false;
    this.#checked = null;
  }

  /** Ends the endpoint. */
  async close(): Promise<void> {
    await this.#endpoint?.close();
    this.counters.registry.clear();
  }

  async #ready(): Promise<Answer> {
    const now = this.counters.now();
    if (this.#checked === null || now - this.#checked.at >= readinessStandsMs) {
      this.#checked = { at: now, readiness: this.#check() };
    }
    const readiness = await this.#checked.readiness;
    const ready = isReady(readiness);
    const body = `${JSON.stringify({ ready, ...readiness })}\n`;
    return { status: ready ? 200 : 503, type: 'application/json', body };
  }

  async #check(): Promise<Readiness> {
    if (this.#serving === null) return notServing('starting');
    const { server, report, freeBytes, reserveBytes } = this.#serving;
    const parts = {
      server,
      path: this.#options.directory.path,
      authorityEndsAt: async () => (await report()).authority.endsAt,
      freeBytes,
      reserveBytes: reserveBytes(),
      sinceAppendFailure: () => this.counters.now() - this.counters.lastAppendFailure,
      isStopping: () => this.#isStopping,
      clock: Date.now,
    };
    return checkReadiness(parts, this.#checks);
  }

  async #metrics(): Promise<Answer> {
    if (this.#serving === null) return answerOf(503, 'The server is starting or stopping.\n');
    const scrape = this.#scrape ?? this.#collect(this.#serving);
    this.#scrape = scrape;
    try {
      return { status: 200, type: this.counters.registry.contentType, body: await scrape };
    } finally {
      this.#scrape = null;
    }
  }

  async #collect({ server, report, accounts }: Serving): Promise<string> {
    const { directory, lines } = this.#options;
    const wal = statSync(`${directory.store}-wal`, { throwIfNoEntry: false });
    this.#setState({
      report: await report(),
      server,
      accounts: accounts(),
      walBytes: wal?.size ?? 0,
      lines: lines(),
      now: Date.now(),
    });
    return this.counters.registry.metrics();
  }
}

const answerOf = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });
