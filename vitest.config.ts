import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultExclude, defineConfig } from 'vitest/config';
import { LongFirstSequencer } from './tooling/long-first-sequencer.ts';
import { isolatedTestFiles, testFiles } from './tooling/test-isolation.ts';

/** Packages resolve to their sources here, so a test run never sees a stale build. */
const resolve = { conditions: ['@chat/source'] };

/**
 * Ends a test that hangs. No test sets a limit of its own, so that each holds on a machine that is busy with other work: while ten
 * programs shared each core, the longest test took three and a half minutes. This is more than five times that, for a machine that is
 * four times slower as well.
 */
const limitMs = 20 * 60_000;

const isolated = isolatedTestFiles(import.meta.dirname);
const simulation = 'test/simulation/**/*.test.ts';

/**
 * Files that create and open many profiles. They and the programs that they start derive from passwords at next to no cost. The tests of
 * key files, the servers, the examples and some programs do so at the cost that key files have.
 */
const profiles = globSync(['packages/client/test/**/*.test.ts', 'test/programs/**/*.test.ts'], {
  cwd: import.meta.dirname,
  exclude: ['test/programs/{start,stored-files,stored-parts,terminal}.test.ts'],
});
const derivesCheaply = (file: string): boolean => profiles.includes(file);
const cheapPasswords = {
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'tooling/cheap-passwords.ts')).href}`,
};

/** Files that share their workers. */
const shared = { isolate: false, setupFiles: './tooling/leaves-no-trace.ts' };

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'isolated',
          include: isolated.filter((file) => !derivesCheaply(file)),
        },
      },
      {
        extends: true,
        test: {
          name: 'isolated profiles',
          include: isolated.filter(derivesCheaply),
          env: cheapPasswords,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'shared',
          include: [...testFiles],
          exclude: [...defaultExclude, simulation, ...isolated, ...profiles],
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'profiles',
          include: profiles,
          exclude: [...defaultExclude, ...isolated],
          env: cheapPasswords,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'simulation',
          include: [simulation],
          exclude: [...defaultExclude, ...isolated],
          // Node loads the modules itself. Those that Vite rewrites for its own loader are slower, at each use of an import.
          experimental: { viteModuleRunner: false },
          execArgv: ['--conditions=@chat/source'],
        },
      },
    ],
    // Halves the start of the programs that the tests run from their sources.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') },
    sequence: { sequencer: LongFirstSequencer },
    reporters: ['default', './tooling/closing-line-reporter.ts'],
    // More than there are cores, because many tests wait: for a disk, a process, or the time until a client connects again. A number,
    // because vitest takes no percentage for more than there are cores.
    maxWorkers: availableParallelism() + 2,
    testTimeout: limitMs,
    hookTimeout: limitMs,
    teardownTimeout: limitMs,
    expect: { poll: { timeout: limitMs } },
  },
});
