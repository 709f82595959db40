/** The four libraries as they are published: one tarball each, of what the last build left. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputOf } from '@chat/testkit';

const packages = join(import.meta.dirname, '..', '..', 'packages');

/** Those that run in browsers too. */
export const portableLibraries = ['fernet', 'signatures', 'ecdh-hub'] as const;
export const publishedLibraries = [...portableLibraries, 'mini-ca'] as const;

export type PublishedLibrary = (typeof publishedLibraries)[number];

export interface PackedLibrary {
  readonly name: PublishedLibrary;
  /** The tarball's path. */
  readonly tarball: string;
}

export function sourceFolder(name: PublishedLibrary): string {
  return join(packages, name);
}

/** Packs all four into `folder`. Throws for a library whose build is not of today's sources: run `pnpm build`. */
export async function packLibraries(folder: string): Promise<readonly PackedLibrary[]> {
  await mkdir(folder, { recursive: true });
  await Promise.all(publishedLibraries.map(refuseStaleBuild));
  return Promise.all(
    publishedLibraries.map(async (name) => {
      const cwd = sourceFolder(name);
      const printed = await outputOf('pnpm', ['pack', '--json', '--pack-destination', folder], { cwd });
      const { filename } = JSON.parse(printed) as { filename: string };
      return { name, tarball: filename };
    }),
  );
}

/** Unpacks a tarball into `folder`, without the folder `package` that is the root of each. */
export async function unpack({ tarball }: PackedLibrary, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await outputOf('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}

/** A build's source maps hold the sources that it was made of. */
async function refuseStaleBuild(name: PublishedLibrary): Promise<void> {
  const dist = join(sourceFolder(name), 'dist');
  const files = await readdir(dist, { recursive: true }).catch((cause: unknown) => {
    throw new Error(`packages/${name} is not built: run \`pnpm build\``, { cause });
  });
  for (const file of files.filter((path) => path.endsWith('.map'))) {
    for (const [path, content] of await mappedSources(join(dist, file))) {
      const current = await readFile(path, 'utf8').catch(() => undefined);
      if (current !== content) throw new Error(`packages/${name}/dist is not of today's ${path}: run \`pnpm build\``);
    }
  }
}

/** The sources that a map names, by their paths, and what it says they hold. */
export async function mappedSources(map: string): Promise<readonly [string, string | undefined][]> {
  const { sources, sourcesContent } = JSON.parse(await readFile(map, 'utf8')) as {
    sources: string[];
    sourcesContent?: string[];
  };
  return sources.map((source, index) => [join(map, '..', source), sourcesContent?.[index]]);
}
