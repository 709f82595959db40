/** The same with a server that cheats: it reads nothing, forges nothing that is shown, and is told on. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { hostileRun } from './simulation/hostile/hostile-run.ts';
import { fewSeeds, manySeeds, replay } from './simulation/seeds.ts';

const withinMs = 120_000;

/** What was done, when it had an effect. */
async function holds(seed: number): Promise<string | null> {
  const { faults, attack } = await hostileRun(seed);
  expect(faults, replay(seed, 'test/simulation-hostile.test.ts')).toEqual([]);
  return attack;
}

describe('with a hostile server', () => {
  test.each(fewSeeds)(
    'seed %i: nothing is read or forged, and what differs is reported',
    async (seed) => void (await holds(seed)),
    withinMs,
  );

  test('a seed runs the same twice', { timeout: withinMs }, async () => {
    expect((await hostileRun(7)).trace).toBe((await hostileRun(7)).trace);
  });
});

onlyInFullRun('hundreds of seeds with a hostile server')('in the full run', () => {
  const attacks = new Set<string>();

  for (const seeds of manySeeds) {
    test(`seeds from ${seeds[0]} on`, { timeout: 10 * withinMs }, async () => {
      for (const seed of seeds) {
        const attack = await holds(seed);
        if (attack !== null) attacks.add(attack);
      }
    });
  }

  test('every way of cheating was tried', () => {
    expect(attacks.size).toBeGreaterThanOrEqual(25);
  });
});
