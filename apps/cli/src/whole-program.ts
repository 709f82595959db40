/** The program without its first step: passes the process's streams, signals and environment to `run`. */
import type { EarlyUnlock } from '@chat/client/early';
import {
  changeProfilePassword,
  checkPhrase,
  enrolShared,
  eraseProfile,
  exportProfile,
  fetchAuthority,
  importProfile,
  inspectProfile,
  listProfiles,
  moveProfile,
  newPhrase,
  openSharedProfile,
  recoverProfile,
  renewIdentity,
  startRecovery,
  takeBack,
} from '@chat/client/node';
import { notifyDesktop } from './attention/signals.ts';
import { run } from './run.ts';

/**
 * Runs the program in this process.
 *
 * @param early the key that is being opened; null if there is none
 */
export async function runInProcess(early: EarlyUnlock | null): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.once(signal, () => stop.abort());
  // Without a handler, SIGUSR1 opens the debugger of Node to every user of this machine, and SIGUSR2 ends the process.
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);

  process.exitCode = await run({
    argv: process.argv.slice(2),
    variables: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    profiles: {
      enrol: (enrolment) => enrolShared(enrolment, stop.signal),
      fetchAuthority,
      listProfiles,
      moveProfile,
      renewIdentity,
      changeProfilePassword,
      eraseProfile,
      exportProfile,
      importProfile,
      inspectProfile,
      takeBack,
      newPhrase,
      checkPhrase,
      startRecovery,
      recoverProfile,
      openProfile: (profile, password, options) =>
        openSharedProfile(profile, password, { ...options, early, signal: stop.signal }),
    },
    notifyDesktop,
    stop,
  });
}
