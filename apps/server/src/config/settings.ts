/** A start command with every default filled in. */
import { defaultPorts } from '@chat/protocol';
import { Complaint } from '../command-error.ts';
import type { StartCommand } from './command-line.ts';
import { isLoopback, publicHostOf } from './hosts.ts';

export interface Settings {
  readonly host: string;
  readonly enrolmentPort: number;
  readonly chatPort: number;
  readonly policy: 'open' | 'invite' | 'closed';
  readonly publicHost: string;
  readonly log: { readonly level: string; readonly readable: boolean };
}

/** Throws `Complaint` when the values do not go together, or this machine's name is of no use. */
export function settingsOf(command: StartCommand, terminal: boolean = process.stderr.isTTY === true): Settings {
  const host = command.host ?? '127.0.0.1';
  const enrolmentPort = command['enrol-port'] ?? defaultPorts.enrolment;
  const chatPort = command['chat-port'] ?? defaultPorts.chat;
  if (enrolmentPort === chatPort && chatPort !== 0) {
    throw new Complaint(`--enrol-port and --chat-port are both ${chatPort}: give one of them another port.`, {
      exitCode: 2,
    });
  }
  return {
    host,
    enrolmentPort,
    chatPort,
    // Whoever can reach a machine's outer addresses is not therefore welcome.
    policy: command.policy ?? (isLoopback(host) ? 'open' : 'invite'),
    publicHost: command['public-host'] ?? publicHostOf(host),
    log: { level: command['log-level'] ?? 'info', readable: terminal && !command.logJson },
  };
}
