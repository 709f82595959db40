/** The parts of a program that serves: those that outlive one server, and those of one server. */
import type { Log, Store } from '@chat/server-core';
import type { BackupSchedule } from '../backup/backup-schedule.ts';
import type { Settings } from '../configuration/settings.ts';
import type { Authority } from '../data/authority.ts';
import type { Chain } from '../data/authority-chain.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import type { Observability } from '../observability/observability.ts';
import type { RunContext } from '../run-context.ts';
import type { Monitor } from '../status/monitor.ts';
import type { LiveConfiguration } from './live-configuration.ts';

/** What `start` receives besides its arguments. */
export interface StartContext extends RunContext {
  readonly version: string;
  /** True when the output goes to a terminal, where only the operator reads it. */
  readonly isTerminal: boolean;
  /** The words that run this program. */
  readonly program: readonly string[];
}

/** The ports of a server. */
export type Ports = Pick<Settings, 'enrolmentPort' | 'chatPort'>;

/** What outlives one server. After a change of the CAs another one follows in the same process. */
export interface ServeParts extends StartContext {
  readonly live: LiveConfiguration;
  readonly directory: DataDirectory;
  /** The password of the CA's keys. */
  readonly password: string | undefined;
  readonly log: Log;
  /** Null when no metrics are served. */
  readonly observability: Observability | null;
  readonly isDefaultDirectory: boolean;
  /** Resolves with the signal that stops the server. */
  readonly stop: Promise<NodeJS.Signals>;
  /** The ports of the server before; null for the first one. */
  readonly portsBefore: Ports | null;
  /** The daily backups, if any are made. */
  readonly backups: Pick<BackupSchedule, 'start'>;
}

/** What belongs to one server. */
export interface Parts extends ServeParts {
  readonly authority: Authority;
  readonly chain: Chain;
  readonly store: Store;
  readonly monitor: Monitor;
}
