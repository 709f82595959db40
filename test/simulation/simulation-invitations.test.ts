/** Invitations end by two clocks, whatever the server believes: the users learn it, and the members withdraw them in time. */
import { describe, expect, test } from 'vitest';
import { invitationLies, invitationRun } from './hostile/invitation-run.ts';
import { firstSeeds, replay } from './run/seeds.ts';

const seeds = firstSeeds(invitationLies.length, 2 * invitationLies.length);

describe('with invitations that end', () => {
  const count = { refused: 0, withdrawn: 0, joined: 0 };

  test.each(seeds)(
    'an ended one admits no user, a fresh one does, and the members withdraw them: seed %s',
    async (seed) => {
      const { lie, faults, ...counted } = await invitationRun(seed);
      expect(faults, `${lie}: ${replay(seed, 'test/simulation/simulation-invitations.test.ts')}`).toEqual([]);
      for (const what of ['refused', 'withdrawn', 'joined'] as const) count[what] += counted[what];
    },
  );

  test('each of these has happened', () => {
    if (seeds.length > 1) expect(Math.min(count.refused, count.withdrawn, count.joined)).toBeGreaterThan(0);
  });
});
