/** Commands without a screen, run as from a command line. */
import { PassThrough } from 'node:stream';
import { parseArguments } from '../src/arguments.ts';
import type { Surroundings } from '../src/run-context.ts';
import { FakeClock, FakeProfiles, profile, settings } from './fakes.ts';

/** A stream of a process that is no terminal. */
const stream = <T>(): PassThrough & T => new PassThrough() as PassThrough & T;

/** @param input what comes on stdin */
export function setUp(input = '') {
  const profiles = new FakeProfiles(profile('alice'));
  const clock = new FakeClock();
  const stop = new AbortController();
  const stdout = stream<Surroundings['stdout']>();
  const stdin = stream<Surroundings['stdin']>();
  stdin.end(input);
  const around: Surroundings = {
    profiles,
    clock,
    stop,
    stdin,
    stdout,
    stderr: stream<Surroundings['stderr']>(),
    settings: settings({}, { CHAT_PASSWORD: 'password' }),
  };
  const run = (...argv: string[]) => {
    const invocation = parseArguments(argv);
    if (invocation.kind !== 'one-shot') throw new Error('not a command');
    return invocation.run(around);
  };
  const printed = () => String(stdout.read() ?? '');
  return { client: profiles.client, clock, stop, run, printed };
}
