/** The settings of a server as its parts use them, from the configuration in force. */
import { resolve } from 'node:path';
import { defaultLimits, type RetentionBounds, type ServerLimits } from '@chat/server-core';
import { CommandError } from '../command-error.ts';
import { isLoopback, publicHostOf } from '../config/hosts.ts';
import { limitsOf } from '../config/limit-options.ts';
import type { LogLevel } from '../log-level.ts';
import { type Configuration, valuesOf } from './configuration.ts';

/** The daily backups. */
export interface BackupSettings {
  /** The absolute path of the folder with the backups. */
  readonly folder: string;
  /** The number of backups that are kept. */
  readonly kept: number;
  /** The file with the password of the backups; null when they are not encrypted. */
  readonly passwordFile: string | null;
}

/** The settings with which a server runs. */
export interface Settings {
  readonly host: string;
  readonly enrolmentPort: number;
  readonly chatPort: number;
  readonly policy: 'open' | 'invite' | 'closed';
  readonly publicHost: string;
  /** How many hours an invitation is valid. */
  readonly invitationHours: number;
  /** How long messages are kept in rooms that have no bounds of their own. */
  readonly retention: RetentionBounds;
  readonly limits: ServerLimits;
  /** The daily backups; null when none are made. */
  readonly backups: BackupSettings | null;
  /** Where metrics are served; null when they are not. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly log: { readonly level: LogLevel; readonly readable: boolean };
  /** The file with the password of the CA's keys; null when there is none. */
  readonly caPasswordFile: string | null;
}

/**
 * Returns the settings of a configuration.
 *
 * @param isTerminal whether the log goes to a terminal
 * @throws CommandError `usage` when the ports are the same, `public-host` when others cannot use this machine's name
 */
export function settingsOf(
  configuration: Configuration,
  isTerminal: boolean = process.stderr.isTTY === true,
): Settings {
  const values = valuesOf(configuration);
  const { host, 'enrol-port': enrolmentPort, 'chat-port': chatPort, 'metrics-port': metricsPort } = values;
  requireOtherPorts({ 'enrol-port': enrolmentPort, 'chat-port': chatPort, 'metrics-port': metricsPort });
  const stored = { messageBytesPerRoom: values['room-bytes'] ?? 0, messageBytes: values['total-bytes'] ?? 0 };
  return {
    host,
    enrolmentPort,
    chatPort,
    // A user who can reach the machine from outside needs an invitation unless the operator decides otherwise.
    policy: values.policy ?? (isLoopback(host) ? 'open' : 'invite'),
    publicHost: values['public-host'] ?? publicHostOf(host),
    invitationHours: values['invitation-hours'],
    retention: {
      ageMs: values['keep-days'] ?? null,
      messages: values['keep-messages'] ?? null,
      bytes: values['keep-bytes'] ?? null,
    },
    limits: { ...defaultLimits, ...limitsOf(values), ...stored },
    backups:
      values['backup-dir'] === undefined
        ? null
        : {
            folder: resolve(values['backup-dir']),
            kept: values.backups,
            passwordFile: values['backup-password-file'] ?? null,
          },
    metrics: metricsPort === undefined ? null : { host: values['metrics-host'], port: metricsPort },
    log: { level: values['log-level'], readable: isTerminal && !values['log-json'] },
    caPasswordFile: values['ca-password-file'] ?? null,
  };
}

function requireOtherPorts(ports: Readonly<Record<string, number | undefined>>): void {
  const names = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    if (port === undefined || port === 0) continue;
    const other = names.get(port);
    if (other !== undefined) {
      throw new CommandError('usage', `${other} and ${name} are both ${port}: choose another port for one of them.`);
    }
    names.set(port, name);
  }
}
