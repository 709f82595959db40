/** Many clients, one honest server, faults by the seed: everybody ends with the same, and nobody reads what is not theirs. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { honestRun } from './simulation/honest-run.ts';
import { fewSeeds, manySeeds, replay } from './simulation/seeds.ts';

const withinMs = 120_000;

async function holds(seed: number): Promise<void> {
  const { faults } = await honestRun(seed);
  expect(faults, replay(seed, 'test/simulation.test.ts')).toEqual([]);
}

describe('with an honest server', () => {
  test.each(fewSeeds)('seed %i converges, without an alarm or a step by hand', holds, withinMs);

  test('a seed runs the same twice, and another one differently', { timeout: withinMs }, async () => {
    const [first, second, other] = [await honestRun(7), await honestRun(7), await honestRun(8)];
    expect(second.trace).toBe(first.trace);
    expect(other.trace).not.toBe(first.trace);
  });
});

onlyInFullRun('hundreds of seeds with an honest server')('in the full run', () => {
  for (const seeds of manySeeds) {
    test(`seeds from ${seeds[0]} on converge`, { timeout: 10 * withinMs }, async () => {
      for (const seed of seeds) await holds(seed);
    });
  }
});
