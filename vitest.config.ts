import { defineConfig } from 'vitest/config';

/** Packages resolve to their sources here, so a test run never sees a stale build. */
const resolve = { conditions: ['@chat/source'] };

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', './tooling/closing-line-reporter.ts'],
    // The default leaves one core idle: half of a small machine.
    maxWorkers: '100%',
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
