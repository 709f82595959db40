/** The four libraries as they are published: one tarball each, from the last build. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputOf } from '@chat/testkit';

const packages = join(import.meta.dirname, '..', '..', 'packages');

/** The libraries that also run in browsers. */
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

/** Packs all four into `folder`. Throws if a build is older than its sources: run `pnpm build`. */
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

/** Unpacks a tarball into `folder`, without its top folder `package`. */
export async function unpack({ tarball }: PackedLibrary, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await outputOf('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
}

/** Compares the sources with those in the build's source maps. */
async function refuseStaleBuild(name: PublishedLibrary): Promise<void> {
  const dist = join(sourceFolder(name), 'dist');
  const files = await readdir(dist, { recursive: true }).catch((cause: unknown) => {
    throw new Error(`packages/${name} is not built: run \`pnpm build\``, { cause });
  });
  for (const file of files.filter((path) => path.endsWith('.map'))) {
    for (const [path, content] of await mappedSources(join(dist, file))) {
      const current = await readFile(path, 'utf8').catch(() => undefined);
      if (current !== content) throw new Error(`packages/${name}/dist is older than ${path}: run \`pnpm build\``);
    }
  }
}

/** Returns the paths of a map's sources, and their contents in the map. */
export async function mappedSources(map: string): Promise<readonly [string, string | undefined][]> {
  const { sources, sourcesContent } = JSON.parse(await readFile(map, 'utf8')) as {
    sources: string[];
    sourcesContent?: string[];
  };
  return sources.map((source, index) => [join(map, '..', source), sourcesContent?.[index]]);
}
