/** An empty project with the packed libraries, as another developer has it. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Folder, outputOf, temporaryFolder } from '@chat/testkit';
import { machineEnvironment } from './machine.ts';
import { type PackedLibrary, packLibraries, sourceFolder, unpack } from './published-library.ts';

async function emptyProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, version: '1.0.0' }));
}

/** Installs by npm, which fetches the libraries' dependencies and writes below `folder` only. */
export async function installByNpm(folder: string, packed: readonly PackedLibrary[]): Promise<void> {
  await emptyProject(folder);
  const quiet = ['--no-audit', '--no-fund', '--loglevel', 'error'];
  const tarballs = packed.map(({ tarball }) => tarball);
  await outputOf('npm', ['install', ...quiet, ...tarballs], { cwd: folder, env: machineEnvironment() });
}

/** Installs without the network: unpacks where npm would, and links the declared dependencies to the workspace's copies. */
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

/** Makes a project with the current libraries in a temporary folder, without the network. */
export async function temporaryProject(): Promise<Folder> {
  const folder = temporaryFolder();
  await installOffline(folder.path, await packLibraries(join(folder.path, 'tarballs')));
  return folder;
}
