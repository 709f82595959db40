/** Tests that need another program or much time. They are skipped where that is missing, and always run in the full run. */
import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';

type Describe = typeof describe | typeof describe.skip;

/** True in the full run (`CHAT_TEST=full`), in which no test is optional and none tries a sample only. */
export const isFullRun: boolean = process.env['CHAT_TEST'] === 'full';

function runs(command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Returns `describe` for tests that need another program, or `describe.skip` if it is missing.
 *
 * @param need what to install for these tests, such as `openssl`
 * @param probe a command that exits with 0 if it is installed, such as `['openssl', 'version']`
 */
export function optional(need: string, probe: readonly string[]): Describe {
  if (isFullRun || runs(probe)) return describe;
  console.warn(`Skipped: tests that need ${need}, because \`${probe.join(' ')}\` failed.`);
  return describe.skip;
}

/**
 * `test` in the full run, `test.skip` otherwise: for a test of some seconds whose subject a shorter test of every run covers in part. The
 * closing line of a run lists those that were skipped.
 */
export const longTest: typeof test | typeof test.skip = isFullRun ? test : test.skip;

/** Returns `describe` in the full run, `describe.skip` otherwise. `what` names the tests in the message. */
export function onlyInFullRun(what: string): Describe {
  if (isFullRun) return describe;
  console.warn(`Skipped: ${what}. CHAT_TEST=full runs it.`);
  return describe.skip;
}

/**
 * Finds a Python interpreter that has the package `cryptography`.
 *
 * @returns its path or name; `python3` if none has the package
 */
export function findPython(): string {
  const interpreters = ['/usr/bin/python3', 'python3'];
  return interpreters.find((interpreter) => runs([interpreter, '-c', 'import cryptography'])) ?? 'python3';
}
