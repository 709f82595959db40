/**
 * Whether the build of a program is that of the sources as they are. A stamp names each file and folder that the build depends on, and
 * each that it made, with size and times; a file that differs in any of them makes the stamp void. It is JavaScript, because Node
 * takes longer to strip the types of one file than to check a thousand of them.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * A build that can be fresh.
 *
 * @typedef {object} Program
 * @property {string} root the folder of the repository
 * @property {string} folder the folder of the program, relative to `root`
 * @property {string} node the version of Node that runs the build
 */

/** What `readStamp` and `writeStamp` store. @typedef {{ node: string, entries: Record<string, string> }} Stamp */

/** Files and folders that every build depends on, as `turbo.json` lists them, and what decides about the installed packages. */
const shared = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json', 'turbo.json', 'tooling'];
/** What a package or program is built from, relative to its folder. */
const own = ['package.json', 'tsconfig.json', 'tsup.config.ts', 'src'];

/** @param {Program} program */
const stampFile = ({ root, folder }) =>
  join(root, 'node_modules', '.cache', 'start', `${folder.replaceAll(/[\\/]/g, '-')}.json`);

/**
 * Returns what identifies the state of a file or folder. Of a folder it changes when an entry comes or goes. Each write of a file
 * changes its `ctime`, which no program can set.
 *
 * @param {string} path
 */
function stateOf(path) {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? 'missing' : `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}`;
}

/**
 * Returns the states of the paths and of all that is below them, by their paths relative to `root`.
 *
 * @param {string} root
 * @param {readonly string[]} paths
 */
function statesOf(root, paths) {
  /** @type {Record<string, string>} */
  const states = {};
  for (const path of paths) {
    const full = join(root, path);
    states[path] = stateOf(full);
    if (!statSync(full, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const entry of readdirSync(full, { recursive: true, withFileTypes: true })) {
      const below = join(entry.parentPath, entry.name);
      states[relative(root, below)] = stateOf(below);
    }
  }
  return states;
}

/**
 * Returns the state of what the build of a program depends on. Take it before the build, so that a source that changes meanwhile is noticed at
 * the next start.
 *
 * @param {Program} program
 * @returns {Record<string, string>}
 */
export function sourcesOf({ root, folder }) {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  const inputs = [folder, ...packages].flatMap((base) => own.map((name) => `${base}/${name}`));
  return { packages: stateOf(join(root, 'packages')), ...statesOf(root, [...shared, ...inputs]) };
}

/**
 * Writes the stamp of a build that has just succeeded.
 *
 * @param {Program} program
 * @param {Record<string, string>} sources what `sourcesOf` returned before the build
 */
export function writeStamp(program, sources) {
  const file = stampFile(program);
  /** @type {Stamp} */
  const stamp = { node: program.node, entries: { ...sources, ...statesOf(program.root, [`${program.folder}/dist`]) } };
  mkdirSync(join(file, '..'), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(stamp));
  renameSync(aside, file);
}

/**
 * Returns whether the build of a program is there, complete, and made from the sources as they are.
 *
 * @param {Program} program
 * @returns {boolean}
 */
export function isFresh(program) {
  const { root, folder, node } = program;
  /** @type {Stamp} */
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(stampFile(program), 'utf8'));
  } catch {
    return false;
  }
  if (stamp.node !== node || !(join(folder, 'dist', 'main.js') in stamp.entries)) return false;
  return Object.entries(stamp.entries).every(([path, state]) => stateOf(join(root, path)) === state);
}
