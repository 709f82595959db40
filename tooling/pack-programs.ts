/**
 * Packs the two programs for users who do not develop: `node --conditions=@chat/source tooling/pack-programs.ts [FOLDER]`. Each is one
 * file that npm installs without a network: the built program, its manual page, completion for three shells, files for programs that watch
 * it, and the licences of all that it contains. Without FOLDER they stand in `dist/programs`.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { completionOf, manPageOf, type Program } from '@chat/command-line';
import { program as client } from '../apps/cli/src/program.ts';
import { program as server } from '../apps/server/src/config/program.ts';
import { noticesOf } from './third-party-notices.ts';

const root = join(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(root, 'dist', 'programs'));

/** What is packed, and what its package is called. */
const packed = [
  { app: 'cli', program: client, packages: [], folders: [] },
  { app: 'server', program: server, packages: ['better-sqlite3'], folders: ['observability', 'deploy'] },
] as const;

/** A program to pack. */
interface Packed {
  /** Its folder below `apps`. */
  readonly app: string;
  readonly program: Program;
  /** Packages that are not part of the bundle. */
  readonly packages: readonly string[];
  /** Its folders that are copied as they are. */
  readonly folders: readonly string[];
}

rmSync(target, { recursive: true, force: true });
for (const each of packed) {
  const { file, files, bytes } = pack(each);
  console.log(
    `${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB, ${files} files of ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

function pack({ app, program, packages, folders }: Packed) {
  const source = join(root, 'apps', app);
  const folder = join(target, program.name);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  mkdirSync(folder, { recursive: true });

  const built = join(source, 'dist');
  refuseStaleBuild(app, built);
  for (const name of readdirSync(built).filter((file) => file.endsWith('.js'))) {
    const code = readFileSync(join(built, name), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
    write(join(folder, 'dist', name), code);
  }
  cpSync(join(source, 'bin'), join(folder, 'bin'), { recursive: true });
  for (const name of folders) cpSync(join(source, name), join(folder, name), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(source, 'README.md'), join(folder, 'README.md'));
  write(join(folder, 'man', `${program.name}.1`), manPageOf(program, manifest.version));
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    write(join(folder, 'completion', `${program.name}.${shell}`), completionOf(program, shell));
  }
  for (const name of packages) copyPackage(join(source, 'node_modules', name), join(folder, 'node_modules', name));
  write(
    join(folder, 'THIRD-PARTY-NOTICES.txt'),
    noticesOf(
      built,
      packages.map((name) => join(source, 'node_modules', name)),
    ),
  );
  write(join(folder, 'package.json'), `${JSON.stringify(manifestOf(program, manifest, packages), null, 2)}\n`);
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = all.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const file = tarball(folder, `${program.name}-${manifest.version}.tgz`);
  rmSync(folder, { recursive: true });
  return { file, files: all.length, bytes };
}

/** Compares the sources with those in the source maps of the build. */
function refuseStaleBuild(app: string, built: string): void {
  for (const name of readdirSync(built).filter((file) => file.endsWith('.map'))) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(built, name), 'utf8'));
    for (const [at, source] of sources.entries()) {
      if (source.includes('/node_modules/') || readFileSync(join(built, source), 'utf8') === sourcesContent[at])
        continue;
      throw new Error(`apps/${app}/dist is older than ${join(built, source)}: run \`pnpm build\`.`);
    }
  }
}

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

/** `private` keeps npm from publishing the file by mistake. */
function manifestOf(program: Program, { version, license, bin }: Record<string, unknown>, packages: readonly string[]) {
  return {
    name: `@chat/${program.name}`,
    version,
    private: true,
    description: program.summary,
    license,
    type: 'module',
    engines: { node: '>=24' },
    bin,
    man: [`man/${program.name}.1`],
    // They are in the file, so npm fetches nothing.
    ...(packages.length === 0 ? {} : { dependencies: versionsOf(program, packages), bundleDependencies: packages }),
  };
}

function versionsOf({ name }: Program, packages: readonly string[]): Readonly<Record<string, string>> {
  const manifests = packages.map((each) => join(target, name, 'node_modules', each, 'package.json'));
  return Object.fromEntries(
    packages.map((each, at) => [each, JSON.parse(readFileSync(manifests[at] ?? '', 'utf8')).version]),
  );
}

/** Copies what a package needs to run: not the sources of its addon, nor what only compiles them. */
function copyPackage(from: string, to: string): void {
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  for (const name of ['lib', 'prebuilds', 'LICENSE'])
    cpSync(join(from, name), join(to, name), { recursive: true, dereference: true });
  for (const name of readdirSync(join(to, 'prebuilds'))) chmodSync(join(to, 'prebuilds', name), 0o644);
  const { dependencies, devDependencies, scripts, ...rest } = manifest;
  write(join(to, 'package.json'), `${JSON.stringify(rest, null, 2)}\n`);
}

/** Lets npm make the file, and returns its path. */
function tarball(folder: string, name: string): string {
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', target];
  const { status, stdout, error } = spawnSync('npm', words, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm could not pack ${folder}.`, { cause: error });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  renameSync(join(target, filename.replace('@', '').replace('/', '-')), join(target, name));
  return join(target, name);
}
