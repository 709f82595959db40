/** Users who renew their identity keys often, over the same faults: all rooms and pins follow, and what clients leave out of it shows. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { renewedRun } from './run/honest-run.ts';
import { plantedOmissions } from './run/planted-omissions.ts';
import { firstSeeds, replay } from './run/seeds.ts';

/** A seed here has ten times the renewals of one with all steps. */
const quickRunSeeds = 8;
const fullRunSeeds = 80;
const seeds = firstSeeds(quickRunSeeds, quickRunSeeds);

async function hold(seed: number) {
  const { faults, renewals } = await renewedRun(seed);
  expect(faults, replay(seed, 'test/simulation/simulation-renewals.test.ts')).toEqual([]);
  return renewals;
}

describe('with users who renew their identity keys', () => {
  const sum = { confirmed: 0, unfinished: 0, byInvited: 0 };

  test.each(seeds)('all rooms and all pins get the new keys, without an alarm: seed %s', async (seed) => {
    const renewals = await hold(seed);
    for (const what of ['confirmed', 'unfinished', 'byInvited'] as const) sum[what] += renewals[what];
  });

  test('confirmations were lost, and users renewed their keys who were invited', () => {
    if (seeds.length > 1) expect(Math.min(...Object.values(sum)), JSON.stringify(sum)).toBeGreaterThan(0);
  });
});

describe('the checks find clients that do not', () => {
  test.each(plantedOmissions)('$name', async ({ plant, fault }) => {
    const remove = plant();
    try {
      const found: string[] = [];
      for (const seed of seeds) {
        if (found.length === 0) found.push(...(await renewedRun(seed)).faults.filter((text) => fault.test(text)));
      }
      expect(found).not.toEqual([]);
    } finally {
      remove();
    }
  });
});

onlyInFullRun('more seeds with renewals')('in the full run', () => {
  const more = Array.from({ length: fullRunSeeds - quickRunSeeds }, (_, index) => quickRunSeeds + 1 + index);
  test.each(more)('all rooms and all pins get the new keys, without an alarm: seed %s', async (seed) => {
    await hold(seed);
  });
});
