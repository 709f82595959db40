/** A server on whose word no deadline hangs: whatever it leaves out, keys and prekeys change, and the users learn of it. */
import { describe, expect, test } from 'vitest';
import { lieCount } from './hostile/deadline-lies.ts';
import { deadlineRun } from './hostile/deadline-run.ts';
import { fewSeeds, replay } from './run/seeds.ts';

/** Two seeds for each lie. */
const seeds = fewSeeds.flat().slice(0, 2 * lieCount);

describe('with a server that leaves out what a deadline might wait for', () => {
  const told = new Map<string, number>();

  test.each(seeds)(
    'prekeys and keys change in time, and every user learns what the server does not do: seed %s',
    async (seed) => {
      const { lie, told: count, faults } = await deadlineRun(seed);
      told.set(lie, (told.get(lie) ?? 0) + count);
      expect(faults, `${lie}: ${replay(seed, 'test/simulation/simulation-deadlines.test.ts')}`).toEqual([]);
    },
  );

  test('the server has sent every lie', () => {
    if (seeds.length > 1) expect([...told.values()].filter((count) => count > 0)).toHaveLength(lieCount);
  });
});
