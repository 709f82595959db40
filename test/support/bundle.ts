/** Bundles with esbuild, as users of the libraries do, through the workspace's build tool. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Options } from 'tsup';

export interface Bundle {
  readonly path: string;
  readonly code: string;
  /** The paths of the bundled modules. */
  readonly inputs: readonly string[];
}

interface Bundling {
  /** The entry module. */
  readonly entry: string;
  /** The project whose `node_modules` hold the libraries. */
  readonly project: string;
  /** The folder of the bundle. */
  readonly folder: string;
  readonly name: string;
}

/** Bundles for a browser into one minified file. A `node:` import, or a module that is missing, is an error. */
export function bundleForBrowser(bundling: Bundling): Promise<Bundle> {
  const { project } = bundling;
  return bundle(bundling, {
    platform: 'browser',
    format: 'esm',
    minify: true,
    noExternal: [/./],
    esbuildPlugins: [
      {
        name: 'libraries-of-the-project',
        setup({ onResolve, resolve }) {
          onResolve({ filter: /^@chat\// }, ({ path, kind, resolveDir }) =>
            resolveDir === project ? undefined : resolve(path, { kind, resolveDir: project }),
          );
        },
      },
    ],
  });
}

/** Bundles for Node. The libraries are imported or required at run time, from the folder of the bundle. */
export function bundleForNode(bundling: Omit<Bundling, 'project'>, format: 'esm' | 'cjs'): Promise<Bundle> {
  return bundle(bundling, { platform: 'node', format, external: [/^@chat\//] });
}

async function bundle({ entry, folder, name }: Omit<Bundling, 'project'>, options: Options): Promise<Bundle> {
  await build({
    ...options,
    entry: { [name]: entry },
    outDir: folder,
    outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.mjs' }),
    target: 'es2023',
    metafile: true,
    config: false,
    silent: true,
    clean: false,
  });
  const path = join(folder, `${name}.${options.format === 'cjs' ? 'cjs' : 'mjs'}`);
  const { inputs } = JSON.parse(await readFile(join(folder, `metafile-${options.format}.json`), 'utf8'));
  return { path, code: await readFile(path, 'utf8'), inputs: Object.keys(inputs) };
}
