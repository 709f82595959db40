#!/usr/bin/env node
/** The chat server's command: reads its arguments, runs, and says in one sentence what went wrong. */
import { createRequire } from 'node:module';
import { asComplaint } from './command-error.ts';
import { invite } from './commands/invite.ts';
import { revoke } from './commands/revoke.ts';
import { start } from './commands/start.ts';
import { users } from './commands/users.ts';
import { parseCommandLine } from './config/command-line.ts';
import { usage } from './config/usage.ts';

const { version } = createRequire(import.meta.url)('../package.json');

// Whoever read the output has gone, which is no reason to stop serving.
process.stdout.on('error', () => undefined);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const surroundings = { environment: process.env, print };

try {
  const command = parseCommandLine(process.argv.slice(2), process.env);
  if (command.name === 'help') print(usage);
  else if (command.name === 'version') print(`chat-server ${version}`);
  else if (command.name === 'invite') await invite(command, surroundings);
  else if (command.name === 'revoke') await revoke(command, surroundings);
  else if (command.name === 'users') await users(command, surroundings);
  else await start(command, { ...surroundings, version, terminal: process.stdout.isTTY === true });
} catch (error) {
  const { message, exitCode } = asComplaint(error);
  process.stderr.write(`chat-server: ${message}\n`);
  process.exitCode = exitCode;
}
