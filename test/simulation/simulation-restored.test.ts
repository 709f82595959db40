/** An honest server that is restored from a backup in the middle of a run: its users heal it, and nothing is lost. */
import { expect, test } from 'vitest';
import { restoredRun } from './run/restored-run.ts';
import { replay } from './run/seeds.ts';

const asked = process.env['CHAT_SEED'];
const seeds = asked === undefined ? [1, 2, 3, 4] : [Number(asked)];

test('members give back what the server has lost, without an alarm, and all go on', async () => {
  let [lost, healed] = [0, 0];
  for (const seed of seeds) {
    const outcome = await restoredRun(seed);
    expect(outcome.faults, replay(seed, 'test/simulation/simulation-restored.test.ts')).toEqual([]);
    lost += outcome.lost;
    healed += outcome.healed;
  }
  if (asked === undefined) expect(Math.min(lost, healed)).toBeGreaterThan(0);
});
