/** The same with a dishonest server: it reads nothing, clients show nothing that it forges, and they report the attack. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { hostileRun } from './hostile/hostile-run.ts';
import { fewSeeds, hasAllSeeds, manySeeds, nameOf, replay } from './run/seeds.ts';

/** The attacks that had an effect. */
const attacks = new Set<string>();

async function hold(seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const { faults, attack } = await hostileRun(seed);
    expect(faults, replay(seed, 'test/simulation/simulation-hostile.test.ts')).toEqual([]);
    if (attack !== null) attacks.add(attack);
  }
}

describe('with a hostile server', () => {
  test(`${nameOf(fewSeeds)}: nothing is read or forged, and what differs is reported`, () => hold(fewSeeds));

  test('a seed runs the same twice', async () => {
    expect((await hostileRun(7)).trace).toBe((await hostileRun(7)).trace);
  });
});

onlyInFullRun('many seeds with a hostile server')('in the full run', () => {
  for (const seeds of manySeeds('hostile')) {
    test(`${nameOf(seeds)}: nothing is read or forged, and what differs is reported`, () => hold(seeds));
  }

  // There are 77. Only one to three of the 1,000 seeds make each of the rarest, so that another schedule may miss some.
  test.runIf(hasAllSeeds('hostile'))('nearly every attack was made', () => {
    expect(attacks.size, [...attacks].sort().join(', ')).toBeGreaterThanOrEqual(70);
  });
});
