/** The program `chat` as scripts run it: one process for each command, its output and its exit code. */
import { join } from 'node:path';
import { type Child, type Ended, startChild } from '@chat/testkit';
import { withoutSettings } from './environment.ts';

const main = join(import.meta.dirname, '../../apps/cli/dist/main.js');

/** A command that runs. Awaiting it returns its output and exit code. */
export interface RunningCommand extends PromiseLike<Ended> {
  /** Resolves once standard output matches `pattern`; rejects if the command ends without it. */
  prints(pattern: RegExp): Promise<unknown>;
  /** Asks the command to end. */
  stop(): void;
}

/** Runs a command of one user, with `input` on its standard input. */
export type Commands = (args: readonly string[], input?: string) => RunningCommand;

/** What opens a profile. */
interface Opening {
  readonly user: string;
  readonly password: string;
  /** More environment variables. Default: none. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Returns a user's commands. The password is in the environment.
 *
 * @param home the folder of profiles
 */
export function commandsOf(home: string, user: string, password: string): Commands {
  return commandsWith(home, { user, password });
}

/** Returns the commands of `commandsOf`, with more environment variables. */
export function commandsWith(home: string, { user, password, environment = {} }: Opening): Commands {
  const env = { ...withoutSettings(), CHAT_HOME: home, CHAT_USER: user, CHAT_PASSWORD: password, ...environment };
  return (args, input = '') => running(startChild(process.execPath, [main, ...args], { env, input }));
}

function running(child: Child): RunningCommand {
  return {
    // biome-ignore lint/suspicious/noThenProperty: a command is awaited like a promise
    then: (...handlers) => child.ended.then(...handlers),
    prints: (pattern) => child.prints(pattern),
    stop: () => void child.kill('SIGTERM'),
  };
}

/** Returns the JSON objects that a command has printed, one on each line. */
export function jsonLines({ out }: Pick<Ended, 'out'>): Record<string, unknown>[] {
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}
