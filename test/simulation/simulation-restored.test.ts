/** An honest server that is restored from a backup in the middle of a run: its users heal it, and nothing is lost. */
import { isFullRun, onlyInFullRun } from '@chat/testkit';
import { expect, test } from 'vitest';
import { backupAges, type RestoredOutcome, restoredRun } from './run/restored-run.ts';
import { replay } from './run/seeds.ts';

const asked = process.env['CHAT_SEED'];
const quickRunSeeds = isFullRun ? 4 : 1;
const fullRunSeeds = 8;
/** The keys are real, so that a seed runs differently each time: further seeds follow until all that is counted has happened. */
const mostSeeds = 40;

/** Runs a seed with a backup that is a few minutes, some hours, a day or a week old, in turns. */
async function hold(seed: number): Promise<RestoredOutcome> {
  const outcome = await restoredRun(seed, backupAges[(seed - 1) % backupAges.length] ?? 0);
  expect(outcome.faults, replay(seed, 'test/simulation/simulation-restored.test.ts')).toEqual([]);
  return outcome;
}

test('members give back what the server has lost, without an alarm, and all go on', async () => {
  const sum = { lost: 0, healed: 0, outdated: 0, renewed: 0, renewedAway: 0 };
  const allHappened = () => Math.min(...Object.values(sum)) > 0;
  async function count(seed: number): Promise<void> {
    const outcome = await hold(seed);
    for (const what of ['lost', 'healed', 'outdated', 'renewed', 'renewedAway'] as const) sum[what] += outcome[what];
  }
  if (asked !== undefined) return count(Number(asked));
  for (let seed = 1; seed <= quickRunSeeds || (isFullRun && seed <= mostSeeds && !allHappened()); seed++)
    await count(seed);
  if (isFullRun) expect(allHappened(), JSON.stringify(sum)).toBe(true);
});

onlyInFullRun('more backups of each age')('in the full run', () => {
  const seeds = Array.from({ length: fullRunSeeds }, (_, index) => quickRunSeeds + 1 + index);
  test.each(seeds)('members give back what the server has lost after a backup of any age: seed %s', async (seed) => {
    await hold(seed);
  });
});
