/** A server that keeps users apart, whatever the rooms are: each of them is warned of each of the others. */
import { describe, expect, test } from 'vitest';
import { partitionRun } from './hostile/partition-run.ts';
import { firstSeeds, replay } from './run/seeds.ts';

const seeds = firstSeeds(5, 15);

describe('with a server that shows two halves of its users different logs', () => {
  test('every member learns who is not heard', async () => {
    let count = 0;
    for (const seed of seeds) {
      const separations = await partitionRun(seed);
      count += separations.length;
      const silent = separations.filter(({ reported }) => !reported);
      expect(silent, replay(seed, 'test/simulation/simulation-partition.test.ts')).toEqual([]);
    }
    if (seeds.length > 1) expect(count).toBeGreaterThan(2 * seeds.length);
  });
});
