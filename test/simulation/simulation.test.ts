/** Many clients, one honest server, faults from a seed: all clients converge, and no user reads what is for others. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { honestRun } from './run/honest-run.ts';
import { fewSeeds, manySeeds, nameOf, replay } from './run/seeds.ts';

async function hold(seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const { faults } = await honestRun(seed);
    expect(faults, replay(seed, 'test/simulation/simulation.test.ts')).toEqual([]);
  }
}

describe('with an honest server', () => {
  for (const seeds of fewSeeds) {
    test(`${nameOf(seeds)}: all clients converge, without an alarm or a step by hand`, () => hold(seeds));
  }

  test('a seed runs the same twice, and another one differently', async () => {
    const [first, second, other] = [await honestRun(7), await honestRun(7), await honestRun(8)];
    expect(second.trace).toBe(first.trace);
    expect(other.trace).not.toBe(first.trace);
  });
});

onlyInFullRun('thousands of seeds with an honest server')('in the full run', () => {
  for (const seeds of manySeeds) test(`${nameOf(seeds)}: all clients converge`, () => hold(seeds));
});
