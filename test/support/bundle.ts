/** Bundling as users of the libraries do it, by esbuild, through the build tool that the workspace has. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Options } from 'tsup';

export interface Bundle {
  readonly path: string;
  readonly code: string;
  /** The modules that esbuild put in, by their paths. */
  readonly inputs: readonly string[];
}

interface Bundling {
  /** The module to start from. */
  readonly entry: string;
  /** The project in whose `node_modules` the libraries are looked up. */
  readonly project: string;
  /** Where the bundle goes. */
  readonly folder: string;
  readonly name: string;
}

/** For a browser: all in one minified file. A `node:` import, or anything else that is not there, is an error. */
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

/** For Node: the libraries are left to be imported or required at run time, from the folder that the bundle is put in. */
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
