/** A start command with every default filled in. */
import { defaultPorts } from '@chat/protocol';
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

export function settingsOf(command: StartCommand, terminal: boolean = process.stderr.isTTY === true): Settings {
  const host = command.host ?? '127.0.0.1';
  return {
    host,
    enrolmentPort: command['enrol-port'] ?? defaultPorts.enrolment,
    chatPort: command['chat-port'] ?? defaultPorts.chat,
    // Whoever can reach a machine's outer addresses is not therefore welcome.
    policy: command.policy ?? (isLoopback(host) ? 'open' : 'invite'),
    publicHost: command['public-host'] ?? publicHostOf(host),
    log: { level: command['log-level'] ?? 'info', readable: terminal && !command.logJson },
  };
}
