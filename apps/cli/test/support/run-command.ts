/** Runs commands for scripts, as from a command line. */
import { PassThrough } from 'node:stream';
import { parseArguments } from '../../src/arguments.ts';
import type { RunContext } from '../../src/run-context.ts';
import { FakeClock, FakeProfiles, profile, settings } from './fakes.ts';

/** Returns a stream that is not a terminal. */
const stream = <T>(): PassThrough & T => new PassThrough() as PassThrough & T;

/**
 * @param input the text on standard input
 * @param variables the environment. Default: the password
 */
export function setUp(input = '', variables: NodeJS.ProcessEnv = { CHAT_PASSWORD: 'password' }) {
  const profiles = new FakeProfiles(profile('alice'));
  const clock = new FakeClock();
  const stop = new AbortController();
  const stdout = stream<RunContext['stdout']>();
  const stdin = stream<RunContext['stdin']>();
  stdin.end(input);
  const stderr = stream<RunContext['stderr']>();
  const context: RunContext = {
    profiles,
    clock,
    notifyDesktop: () => undefined,
    stop,
    stdin,
    stdout,
    stderr,
    settings: settings({}, variables),
  };
  const run = (...argv: string[]) => {
    const invocation = parseArguments(argv);
    if (invocation.kind !== 'one-shot') throw new Error('not a command');
    return invocation.run(context);
  };
  const printed = () => String(stdout.read() ?? '');
  /** Returns what was printed on standard error. */
  const reported = () => String(stderr.read() ?? '');
  return { client: profiles.client, profiles, clock, stop, run, printed, reported };
}
