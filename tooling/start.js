/**
 * Starts the program in the working directory: `node ../../tooling/start.js ARGUMENTS`. If a source has changed since its last build,
 * turbo builds first. The program runs in this process, so that a start costs one process, and in the folder in which the user called pnpm.
 */
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isFresh, sourcesOf, writeStamp } from './fresh-build.js';

const root = join(import.meta.dirname, '..');
const folder = relative(root, process.cwd());
const program = { root, folder, node: process.version };
const main = join(root, folder, 'dist', 'main.js');

if (isFresh(program) || build()) {
  process.argv[1] = main;
  // pnpm has gone to the program's folder. The names of files are meant from the one in which the user called pnpm.
  const { INIT_CWD: called, npm_lifecycle_event: script } = process.env;
  if (script === 'start' && called !== undefined) process.chdir(called);
  await import(pathToFileURL(main).href);
}

/** Returns whether the build succeeded. */
function build() {
  const sources = sourcesOf(program);
  const turbo = [join(import.meta.dirname, 'turbo.ts'), 'build', `--filter=./${folder.replaceAll('\\', '/')}`];
  // Neither a prompt nor a pipe of the program is for the build.
  const { status } = spawnSync(process.execPath, turbo, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) writeStamp(program, sources);
  else process.exitCode = status ?? 1;
  return status === 0;
}
