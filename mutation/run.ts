/**
 * Changes the code of a group in many small ways, and runs its tests on each change: `node run.ts GROUP [--part I/N] [PATTERN...]`,
 * where the patterns replace the group's source files. Prints the changes that no test noticed and that `survivors/GROUP.json` does not
 * argue. Fails if there is one. `node run.ts all [--part I/N]` runs all groups, one after the other.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groups } from './groups.ts';
import { isSame, readArgued, readOutcome } from './report.ts';

const repository = join(import.meta.dirname, '..');
const tools = join(import.meta.dirname, 'node_modules');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { part: { type: 'string', default: '1/1' } },
});
const [name = '', ...patterns] = positionals;
const [part = 0, parts = 0] = values.part.split('/').map(Number);
if (!(Number.isInteger(part) && Number.isInteger(parts) && part >= 1 && part <= parts)) {
  console.error(`There is no part "${values.part}": give the number of the part and how many there are, like 1/4.`);
  process.exit(2);
}
if (name === 'all') {
  const run = (each: string) =>
    spawnSync(process.execPath, [import.meta.filename, each, '--part', values.part], { stdio: 'inherit' }).status;
  const failed = Object.keys(groups).filter((each) => run(each) !== 0);
  if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}.`);
  process.exit(failed.length === 0 ? 0 : 1);
}
const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
if (group === undefined) {
  console.error(`There is no group "${name}": choose one of ${Object.keys(groups).join(', ')}, or all.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'chat-mutation-'));
const results = join(folder, 'results.jsonl');
const config = join(folder, 'stryker.config.json');
writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'vitest',
    // Stryker looks for its plugins beside the repository's packages, where they are not.
    plugins: [
      join(tools, '@stryker-mutator/vitest-runner/dist/src/index.js'),
      join(import.meta.dirname, 'stryker-plugins.ts'),
    ],
    checkers: parts > 1 ? ['part'] : [],
    vitest: { configFile: 'mutation/vitest.config.ts' },
    mutate: patterns.length > 0 ? patterns : group.mutate,
    // Texts are for people. Those on which the protocol relies are in the test vectors.
    mutator: { excludedMutations: ['StringLiteral'] },
    coverageAnalysis: 'perTest',
    ignorePatterns: ['**/dist', 'bench', 'docs'],
    reporters: ['progress-append-only', 'results'],
    tempDirName: join(folder, 'sandbox'),
    disableTypeChecks: false,
    // A busy machine is slow, and must not count as a test that noticed.
    timeoutFactor: 4,
    timeoutMS: 60_000,
    // The tests without a change. The default of five minutes is too short for a machine that does much else.
    dryRunTimeoutMinutes: 60,
    // One core is for the person who waits.
    concurrency: Math.max(1, availableParallelism() - 1),
  }),
);

const began = Date.now();
const stryker = join(tools, '@stryker-mutator/core/bin/stryker.js');
const { status } = spawnSync(process.execPath, [stryker, 'run', config], {
  cwd: repository,
  stdio: 'inherit',
  env: {
    ...process.env,
    MUTATION_TESTS: JSON.stringify(group.tests),
    MUTATION_PART: `${part - 1}/${parts}`,
    MUTATION_REPOSITORY: repository,
    MUTATION_RESULTS: results,
  },
});
if (status !== 0) process.exit(status ?? 1);

const { mutants, noticed, survivors } = readOutcome(results);
const argued = readArgued(new URL(`survivors/${name}.json`, import.meta.url));
const unexplained = survivors.filter((survivor) => !argued.some((each) => isSame(each, survivor)));
const score = ((100 * noticed) / mutants).toFixed(1);
const minutes = ((Date.now() - began) / 60_000).toFixed(1);
console.log(JSON.stringify(unexplained, null, 2));
console.log(
  `${name}${parts > 1 ? ` (part ${values.part})` : ''}: ${mutants} changes, ${noticed} noticed (${score} %), ${survivors.length - unexplained.length} argued, ${unexplained.length} unexplained, ${minutes} min`,
);
process.exitCode = unexplained.length === 0 ? 0 : 1;
