/** The build configuration of all packages: ES modules with type declarations, one output for each named entry. */
import { defineConfig } from 'tsup';

export function build(entry: Record<string, string>, { types = true } = {}) {
  // Backends are imported as `#backend` only, which no declaration mentions.
  const declared = Object.fromEntries(Object.entries(entry).filter(([name]) => !name.startsWith('backend/')));
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    dts: types && { entry: declared },
    sourcemap: true,
    clean: true,
    external: [/^node:/, /^#/],
    // Some modules, such as node:sqlite, have no name without the prefix.
    removeNodeProtocol: false,
  });
}
