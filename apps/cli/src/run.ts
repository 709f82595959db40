/** One run of the program: from the command line to an exit code. */
import { homedir } from 'node:os';
import { inspect } from 'node:util';
import { systemScheduler } from '@chat/client/node';
import { parseArguments } from './arguments.ts';
import type { Profiles } from './client-surface.ts';
import { codeOf } from './command-error.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { help, version } from './help.ts';
import { interact } from './interactive.ts';
import type { Streams } from './run-context.ts';
import { sentenceFor } from './sentences.ts';
import { settingsFrom } from './settings.ts';

const exitCodes: Readonly<Record<string, number>> = { usage: 2, cancelled: 130 };

export interface Run extends Streams {
  readonly argv: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly profiles: Profiles;
  readonly stop: AbortController;
}

async function dispatch({ argv, ...rest }: Run, environment: Environment): Promise<void> {
  const invocation = parseArguments(argv);
  if (invocation.kind === 'help' || invocation.kind === 'version') {
    rest.stdout.write(`${invocation.kind === 'help' ? help : version()}\n`);
    return;
  }
  const around = { ...rest, settings: settingsFrom(environment, invocation.options), clock: systemScheduler };
  await (invocation.kind === 'interactive' ? interact(around, invocation.line) : invocation.run(around));
}

/** Never rejects: what fails becomes one sentence on stderr and the exit code. */
export async function run(whole: Run): Promise<number> {
  const { stdout, stderr, variables, stop } = whole;
  const environment = readEnvironment(variables, homedir());
  const complain = (error: unknown): number => {
    const code = codeOf(error) ?? '';
    if (code !== 'cancelled') stderr.write(`${sentenceFor(error)}\n`);
    if (environment.debug) stderr.write(`${inspect(error)}\n`);
    return exitCodes[code] ?? 1;
  };

  let unwritten: Error | null = null;
  stdout.on('error', (error) => {
    // A reader that goes away, as `head` does, ends the program quietly.
    if (codeOf(error) !== 'EPIPE') unwritten = error;
    stop.abort();
  });
  try {
    await dispatch(whole, environment);
    return unwritten === null ? 0 : complain(unwritten);
  } catch (error) {
    return complain(unwritten ?? error);
  }
}
