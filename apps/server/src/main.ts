#!/usr/bin/env node
/** The `chat-server` program: runs the command that the command line names. An error becomes one sentence and an exit code. */
import { createRequire } from 'node:module';
import { completionOf, helpOf } from '@chat/command-line';
import { terminalAsk } from './ask.ts';
import { asCommandError } from './command-error.ts';
import { invitations } from './commands/accounts/invitations.ts';
import { invite } from './commands/accounts/invite.ts';
import { reset } from './commands/accounts/reset.ts';
import { revoke } from './commands/accounts/revoke.ts';
import { users } from './commands/accounts/users.ts';
import { authority } from './commands/authority.ts';
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { config } from './commands/config.ts';
import { doctor } from './commands/doctor.ts';
import { frames } from './commands/frames.ts';
import { init } from './commands/init.ts';
import { logs } from './commands/logs.ts';
import { restore } from './commands/restore.ts';
import { retention } from './commands/retention.ts';
import { deleteRoom, rooms } from './commands/rooms.ts';
import { start } from './commands/start.ts';
import { status } from './commands/status.ts';
import { parseCommandLine } from './config/command-line.ts';
import { program } from './config/program.ts';
import { ignoreUserSignals } from './stop-signal.ts';

const { version } = createRequire(import.meta.url)('../package.json');

ignoreUserSignals();
// The server keeps running when the reader of its output has gone.
process.stdout.on('error', () => undefined);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const hasWarnings = () => {
  process.exitCode = 3;
};
const context = { environment: process.env, print, ask: terminalAsk(), hasWarnings };

async function run(argv: readonly string[]): Promise<void> {
  const parsed = parseCommandLine(argv, process.env);
  if (parsed.kind === 'help') return print(helpOf(program, parsed.command));
  if (parsed.kind === 'version') return print(`chat-server ${version}`);
  switch (parsed.name) {
    case 'invite':
      return invite({ ...parsed.common, ...parsed.request }, { ...context, isTerminal: process.stdout.isTTY === true });
    case 'revoke':
      return revoke({ ...parsed.common, ...parsed.request }, context);
    case 'reset':
      return reset({ ...parsed.common, ...parsed.request }, context);
    case 'init':
      return init({ ...parsed.common, ...parsed.request }, context);
    case 'authority':
      return authority({ ...parsed.common, ...parsed.request }, context);
    case 'rooms':
      return rooms({ ...parsed.common, ...parsed.request }, context);
    case 'delete-room':
      return deleteRoom({ ...parsed.common, ...parsed.request }, context);
    case 'retention':
      return retention({ ...parsed.common, ...parsed.request }, context);
    case 'invitations':
      return invitations({ ...parsed.common, ...parsed.request }, context);
    case 'backup':
      return backup({ ...parsed.common, ...parsed.request }, context);
    case 'restore':
      return restore({ ...parsed.common, ...parsed.request }, context);
    case 'doctor':
      return doctor({ ...parsed.common, ...parsed.request, given: parsed.given }, { ...context, version });
    case 'check':
      return check({ ...parsed.common, ...parsed.request }, context);
    case 'frames':
      return frames(process.stdin, context);
    case 'status':
      return status({ ...parsed.common, ...parsed.request }, context);
    case 'logs':
      return logs({ ...parsed.common, ...parsed.request }, context);
    case 'config':
      return config({ ...parsed.common, ...parsed.request }, context);
    case 'users':
      return users({ ...parsed.common, ...parsed.request }, context);
    case 'completion':
      return print(completionOf(program, parsed.request.shell).trimEnd());
    case 'start':
      return start(
        { ...parsed.common, given: parsed.given },
        {
          ...context,
          version,
          isTerminal: process.stdout.isTTY === true,
          program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
        },
      );
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const { message, exitCode } = asCommandError(error);
  process.stderr.write(`chat-server: ${message}\n`);
  process.exitCode = exitCode;
}
