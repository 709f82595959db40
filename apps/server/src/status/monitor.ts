/** Watches a server for `chat-server status`. */
import type { ChatServer, Log, Store } from '@chat/server-core';
import type { Settings } from '../configuration/settings.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { type AppendObserver, type CountedStore, countedStore } from './counted-store.ts';
import { directoryStatus } from './directory-status.ts';
import { LoopDelayMeter } from './loop-delay.ts';
import type { StatusReport } from './status-report.ts';
import { UsageLog } from './usage-log.ts';

/** Options of `Monitor`. */
export interface MonitorOptions {
  readonly directory: DataDirectory;
  /** Of this program. */
  readonly version: string;
  readonly log: Log;
  /** Returns the settings in force. */
  readonly settings: () => Pick<Settings, 'backups' | 'limits'>;
  /** Learns of each append; null: there is none. */
  readonly observer: AppendObserver | null;
}

/** What a server does, from its start to its end. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #counted: CountedStore;
  readonly #usage: UsageLog;
  readonly #loop = new LoopDelayMeter();
  readonly #startedAt = Date.now();

  private constructor(options: MonitorOptions, counted: CountedStore, usage: UsageLog) {
    this.#options = options;
    this.#counted = counted;
    this.#usage = usage;
  }

  /**
   * Counts what a store has, and watches it from then on.
   *
   * @throws StoreError
   */
  static async start(store: Store, options: MonitorOptions): Promise<Monitor> {
    const usage = new UsageLog({ ...options, clock: Date.now });
    const counted = await countedStore(store, (amount) => usage.add(amount), options.observer);
    await usage.start(counted.counts);
    return new Monitor(options, counted, usage);
  }

  /** The store that the server has to use. */
  get store(): Store {
    return this.#counted.store;
  }

  /** The number of accounts, also of those that are revoked. */
  get accounts(): number {
    return this.#counted.counts().accounts;
  }

  /**
   * Reports how the server is.
   *
   * @throws CommandError `file-access`, `damaged-data`
   */
  async report({
    connections,
    certificateEndsAt,
  }: Pick<ChatServer, 'connections' | 'certificateEndsAt'>): Promise<StatusReport> {
    const { directory, version, settings } = this.#options;
    const { backups, limits } = settings();
    const backsUp = backups !== null;
    const { rooms, messages, bytes, waiting, damaged } = this.#counted.counts();
    const live = { stored: { rooms, messages, bytes }, days: this.#usage.days };
    const { delay: loopDelay } = this.#loop;
    const startedAt = this.#startedAt;
    return {
      serving: { version, startedAt, connections, waiting, loopDelay, damaged, certificateEndsAt, backsUp },
      ...(await directoryStatus(directory, { now: Date.now(), live, reserveBytes: limits.storageReserveBytes })),
    };
  }

  /** Writes what was counted. */
  async stop(): Promise<void> {
    this.#loop.stop();
    await this.#usage.stop();
  }
}
