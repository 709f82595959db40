/** Runs the program: from the command line to an exit code. */
import { homedir } from 'node:os';
import { inspect } from 'node:util';
import { systemScheduler } from '@chat/client/node';
import { codeOf } from '@chat/protocol';
import { parseArguments } from './arguments.ts';
import type { Profiles } from './client-surface.ts';
import { type Environment, readEnvironment } from './config/environment.ts';
import { settingsFrom } from './config/settings.ts';
import { interact } from './interactive.ts';
import { version } from './program.ts';
import type { RunContext, Streams } from './run-context.ts';
import { printLine } from './terminal/print-line.ts';
import { asCommandError } from './text/error-sentence.ts';

/** Everything that a run of the program gets from its process. */
export interface Run extends Streams {
  readonly argv: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly profiles: Profiles;
  readonly notifyDesktop: RunContext['notifyDesktop'];
  readonly stop: AbortController;
}

async function dispatch({ argv, ...rest }: Run, environment: Environment): Promise<void> {
  const invocation = parseArguments(argv);
  if (invocation.kind === 'text' || invocation.kind === 'version') {
    printLine(rest.stdout, invocation.kind === 'text' ? invocation.text : version());
    return;
  }
  const context = { ...rest, settings: settingsFrom(environment, invocation.options), clock: systemScheduler };
  await (invocation.kind === 'interactive' ? interact(context, invocation) : invocation.run(context));
}

/** Returns the exit code. Never rejects: an error becomes one sentence on standard error. */
export async function run(whole: Run): Promise<number> {
  const { stdout, stderr, variables, stop } = whole;
  const environment = readEnvironment(variables, homedir());
  const report = (error: unknown): number => {
    const { code, message, exitCode } = asCommandError(error);
    if (code !== 'cancelled') printLine(stderr, message);
    if (environment.debug) stderr.write(`${inspect(error)}\n`);
    return exitCode;
  };

  let writeError: Error | null = null;
  let isReaderGone = false;
  stdout.on('error', (error) => {
    // A reader that ends early, as `head` does, ends the program without an error.
    if (codeOf(error) === 'EPIPE') isReaderGone = true;
    else writeError = error;
    stop.abort();
  });
  try {
    await dispatch(whole, environment);
    return writeError === null ? 0 : report(writeError);
  } catch (error) {
    if (isReaderGone && writeError === null && codeOf(error) === 'cancelled') return 0;
    return report(writeError ?? error);
  }
}
