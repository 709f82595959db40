/**
 * What is counted and timed while the server works, as Prometheus reads it. What happens for each message is a number in memory or one
 * observation; the rest is computed when Prometheus asks.
 */
import type { ErrorCode } from '@chat/protocol';
import type { Metrics, Service } from '@chat/server-core';
import { Counter, Registry } from 'prom-client';
import type { AppendObserver } from '../status/counted-store.ts';
import { TalliedHistogram, type Tally } from './tallied-histogram.ts';

/** The counters of a server, which go on counting when it begins anew after a change of its CAs. */
export class Counters implements Metrics, AppendObserver {
  /** What Prometheus reads. */
  readonly registry = new Registry();
  readonly #accepted: Counter<'service'>;
  readonly #handshakeFailures: Counter<'service'>;
  readonly #dropped: Counter<'service'>;
  readonly #ended: Counter<'service' | 'code'>;
  readonly #refused: Counter<'code'>;
  readonly #requests: TalliedHistogram;
  readonly #commits: Tally;
  readonly #byType = new Map<string, { count: number }>();
  #logins = 0;
  #enrolments = 0;
  #appendFailures = 0;
  #pushes = 0;
  #pushedBytes = 0;
  #lastAppendFailure = Number.NEGATIVE_INFINITY;

  constructor() {
    const registers = [this.registry];
    const byService = ['service'] as const;
    this.#accepted = new Counter({
      name: 'chat_connections_accepted_total',
      help: 'Connections whose TLS handshake was completed.',
      labelNames: byService,
      registers,
    });
    this.#handshakeFailures = new Counter({
      name: 'chat_handshake_failures_total',
      help: 'Connections whose TLS handshake failed, or whose certificate was refused.',
      labelNames: byService,
      registers,
    });
    this.#dropped = new Counter({
      name: 'chat_connections_dropped_total',
      help: 'Connections that were dropped because too many were open, or because of failed attempts of their host.',
      labelNames: byService,
      registers,
    });
    for (const service of ['chat', 'enrolment'] as const) {
      for (const counter of [this.#accepted, this.#handshakeFailures, this.#dropped]) counter.inc({ service }, 0);
    }
    this.#ended = new Counter({
      name: 'chat_connections_ended_total',
      help: 'Connections that the server ended, by the code in its bye.',
      labelNames: ['service', 'code'],
      registers,
    });
    this.#refused = new Counter({
      name: 'chat_request_refusals_total',
      help: 'Requests that were refused, by the code of the refusal.',
      labelNames: ['code'],
      registers,
    });
    // Codes that alerts look at exist from the start, so that the first refusal is an increase.
    for (const code of ['internal', 'store-damaged', 'rate-limited'] satisfies ErrorCode[]) {
      this.#refused.inc({ code }, 0);
    }
    this.#requests = new TalliedHistogram({
      name: 'chat_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer, by operation.',
      label: 'op',
      registry: this.registry,
    });
    this.#commits = new TalliedHistogram({
      name: 'chat_commit_duration_seconds',
      help: 'Time from giving an entry to the store until it is durable.',
      label: null,
      registry: this.registry,
    }).series('');
    this.#countOnDemand('chat_logins_total', 'Logins.', () => this.#logins);
    this.#countOnDemand('chat_enrolments_total', 'Enrolments.', () => this.#enrolments);
    this.#countOnDemand(
      'chat_append_failures_total',
      'Entries that the store could not append for a reason of its own.',
      () => this.#appendFailures,
    );
    this.#countOnDemand(
      'chat_fanout_pushes_total',
      'Pushes that were queued for followers of rooms.',
      () => this.#pushes,
    );
    this.#countOnDemand('chat_fanout_bytes_total', 'Bytes of these pushes.', () => this.#pushedBytes);
    this.#countAppends();
  }

  /** When the store last failed to append an entry, by the clock of `now`; minus infinity when it never did. */
  get lastAppendFailure(): number {
    return this.#lastAppendFailure;
  }

  now(): number {
    return performance.now();
  }

  connected(service: Service): void {
    this.#accepted.inc({ service });
  }

  handshakeFailed(service: Service): void {
    this.#handshakeFailures.inc({ service });
  }

  dropped(service: Service): void {
    this.#dropped.inc({ service });
  }

  ended(service: Service, code: ErrorCode): void {
    this.#ended.inc({ service, code });
  }

  answered(op: string, code: ErrorCode | null, ms: number): void {
    this.#requests.series(op).observe(ms / 1_000);
    if (code !== null) this.#refused.inc({ code });
    else if (op === 'login') this.#logins += 1;
    else if (op === 'enrol') this.#enrolments += 1;
  }

  fannedOut(pushes: number, bytes: number, readers: number): void {
    this.#pushes += pushes * readers;
    this.#pushedBytes += bytes * readers;
  }

  appended(type: string, ms: number): void {
    this.#commits.observe(ms / 1_000);
    const counted = this.#byType.get(type);
    if (counted === undefined) this.#byType.set(type, { count: 1 });
    else counted.count += 1;
  }

  appendFailed(): void {
    this.#appendFailures += 1;
    this.#lastAppendFailure = this.now();
  }

  #countOnDemand(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #countAppends(): void {
    const byType = this.#byType;
    byType.set('message', { count: 0 });
    new Counter({
      name: 'chat_appends_total',
      help: 'Entries that are durable, by type.',
      labelNames: ['type'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [type, { count }] of byType) this.inc({ type }, count);
      },
    });
  }
}
