/** The settings of a server, from the options of `start`. */
import { resolve } from 'node:path';
import type { RetentionBounds, ServerLimits } from '@chat/server-core';
import { CommandError } from '../command-error.ts';
import type { LogLevel } from '../log-level.ts';
import type { RequestFor } from './command-line.ts';
import { isLoopback, publicHostOf } from './hosts.ts';

/** The settings with which a server starts. */
export interface Settings {
  readonly host: string;
  readonly enrolmentPort: number;
  readonly chatPort: number;
  readonly policy: 'open' | 'invite' | 'closed';
  readonly publicHost: string;
  /** How long messages are kept in rooms that have no bounds of their own. */
  readonly retention: RetentionBounds;
  /** Bytes of messages that are stored of one room and in all; 0: no bound. */
  readonly stored: Pick<ServerLimits, 'messageBytesPerRoom' | 'messageBytes'>;
  /** The daily backups; null when none are made. */
  readonly backups: { readonly folder: string; readonly kept: number; readonly passwordFile: string | null } | null;
  /** Where metrics are served; null when they are not. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly log: { readonly level: LogLevel; readonly readable: boolean };
}

/**
 * Returns the settings for a start.
 *
 * @param isTerminal whether the log goes to a terminal
 * @throws CommandError `usage` when the ports are the same, `public-host` when others cannot use this machine's name
 */
export function settingsOf(
  request: RequestFor<'start'>,
  isTerminal: boolean = process.stderr.isTTY === true,
): Settings {
  const { host, 'enrol-port': enrolmentPort, 'chat-port': chatPort, 'metrics-port': metricsPort } = request;
  const ports = [
    ['--enrol-port', enrolmentPort],
    ['--chat-port', chatPort],
    ['--metrics-port', metricsPort],
  ] as const;
  for (const [index, [option, port]] of ports.entries()) {
    const other = ports.slice(0, index).find(([, before]) => before === port);
    if (other === undefined || port === undefined || port === 0) continue;
    throw new CommandError('usage', `${other[0]} and ${option} are both ${port}: choose another port for one of them.`);
  }
  return {
    host,
    enrolmentPort,
    chatPort,
    // A user who can reach the machine from outside needs an invitation unless the operator decides otherwise.
    policy: request.policy ?? (isLoopback(host) ? 'open' : 'invite'),
    publicHost: request['public-host'] ?? publicHostOf(host),
    retention: {
      ageMs: request['keep-days'] ?? null,
      messages: request['keep-messages'] ?? null,
      bytes: request['keep-bytes'] ?? null,
    },
    stored: { messageBytesPerRoom: request['room-bytes'] ?? 0, messageBytes: request['total-bytes'] ?? 0 },
    backups:
      request['backup-dir'] === undefined
        ? null
        : {
            folder: resolve(request['backup-dir']),
            kept: request.backups,
            passwordFile: request['backup-password-file'] ?? null,
          },
    metrics: metricsPort === undefined ? null : { host: request['metrics-host'], port: metricsPort },
    log: { level: request['log-level'], readable: isTerminal && !request['log-json'] },
  };
}
