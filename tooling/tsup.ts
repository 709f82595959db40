/** The one build configuration: ES modules for Node with type declarations, one output per named entry. */
import { defineConfig } from 'tsup';

export function build(entry: Record<string, string>, { types = true } = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    dts: types,
    sourcemap: true,
    clean: true,
    external: [/^node:/, /^#/],
  });
}
