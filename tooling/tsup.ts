/** The build configuration of all packages and programs: ES modules, one output for each named entry. */
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const shared = {
  format: 'esm',
  target: 'es2023',
  sourcemap: true,
  clean: true,
  // Some modules, such as node:sqlite, have no name without the prefix.
  removeNodeProtocol: false,
} as const satisfies Options;

const packaged = (entry: Record<string, string>): Options => ({
  ...shared,
  entry,
  platform: 'neutral',
  external: [/^node:/, /^#/],
});

/** The build of a package that is not published. It has no declarations, because this workspace reads types from the sources. */
export function build(entry: Record<string, string>) {
  return defineConfig(packaged(entry));
}

/** The build of a published library: that of a package, with declarations. */
export function library(entry: Record<string, string>) {
  // Backends are imported as `#backend` only, which no declaration mentions.
  const declared = Object.fromEntries(Object.entries(entry).filter(([name]) => !name.startsWith('backend/')));
  return defineConfig({ ...packaged(entry), dts: { entry: declared } });
}

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Leaves out zod's messages in 50 languages, a third of its code, which `z` names and no program here uses. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: join(path, '..'),
    }));
  },
};

/** What is loaded from its own folder, because it loads a file of its own: the database's addon. */
const notBundled = ['better-sqlite3'];

/** Lets the modules in a bundle that are not ES modules load those of Node. */
const banner =
  "import { createRequire as bundleRequire } from 'node:module';const require = bundleRequire(import.meta.url);";

/**
 * The build of a program: one file with everything it uses, because finding and reading some hundred modules takes longer than running
 * them. What the program imports with `import()` is a file of its own, and what both use another. It is made from the sources of the
 * packages, so nothing has to be built before.
 */
export function bundle(entry: Record<string, string>) {
  return defineConfig({
    ...shared,
    entry,
    platform: 'node',
    noExternal: [new RegExp(`^(?!(${notBundled.join('|')})$)`)],
    external: notBundled,
    splitting: true,
    banner: { js: banner },
    esbuildPlugins: [englishOnly],
    esbuildOptions(options) {
      options.conditions = ['@chat/source', 'module'];
      // Names stay as they are: the stacks that CHAT_DEBUG=1 prints are for people.
      options.minifyWhitespace = true;
      options.minifySyntax = true;
    },
  });
}
