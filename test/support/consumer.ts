/** An empty project into which the packed libraries are installed: what another developer has. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Folder, outputOf, temporaryFolder } from '@chat/testkit';
import { machineEnvironment } from './machine.ts';
import { type PackedLibrary, packLibraries, sourceFolder, unpack } from './published-library.ts';

async function emptyProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, version: '1.0.0' }));
}

/** By npm, which fetches the libraries' own dependencies and writes what it likes only below `folder`. */
export async function installByNpm(folder: string, packed: readonly PackedLibrary[]): Promise<void> {
  await emptyProject(folder);
  const quiet = ['--no-audit', '--no-fund', '--loglevel', 'error'];
  const tarballs = packed.map(({ tarball }) => tarball);
  await outputOf('npm', ['install', ...quiet, ...tarballs], { cwd: folder, env: machineEnvironment() });
}

/** Without the network: unpacked where npm would, each with the dependencies that it declares, linked to the workspace's copies. */
export async function installOffline(folder: string, packed: readonly PackedLibrary[]): Promise<void> {
  await emptyProject(folder);
  for (const library of packed) {
    const installed = join(folder, 'node_modules', '@chat', library.name);
    await unpack(library, installed);
    const { dependencies = {} } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const link = join(installed, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(sourceFolder(library.name), 'node_modules', name), link, 'junction');
    }
  }
}

/** A project in a folder of its own, with the libraries as they are now, offline. */
export async function temporaryProject(): Promise<Folder> {
  const folder = temporaryFolder();
  await installOffline(folder.path, await packLibraries(join(folder.path, 'tarballs')));
  return folder;
}
