/** Checks that need more than Node: skipped and named where that is missing, compulsory in the full run. */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

type Describe = typeof describe | typeof describe.skip;

/** `CHAT_TEST=full` makes every optional check compulsory. */
const full = process.env['CHAT_TEST'] === 'full';

function isThere(command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/**
 * `describe` for checks that need an outside program.
 *
 * @param need what the reader of a skipped check should install, e.g. `openssl`
 * @param probe a command that exits 0 when it is there, e.g. `['openssl', 'version']`
 */
export function optional(need: string, probe: readonly string[]): Describe {
  if (full || isThere(probe)) return describe;
  console.warn(`skipped here: what needs ${need} (\`${probe.join(' ')}\` did not run)`);
  return describe.skip;
}

/** `describe` for checks that take long. `what` names them to who does not run them. */
export function onlyInFullRun(what: string): Describe {
  if (full) return describe;
  console.warn(`skipped here: ${what} (CHAT_TEST=full runs it)`);
  return describe.skip;
}
