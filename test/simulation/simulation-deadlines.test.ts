/** A server on whose word no deadline hangs: whatever it leaves out, keys and prekeys change, and the users learn of it. */
import { encodePayload, limits } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { type AgedLog, keyFaults } from './checks/key-age.ts';
import { lieCount } from './hostile/deadline-lies.ts';
import { deadlineRun } from './hostile/deadline-run.ts';
import { firstSeeds, replay } from './run/seeds.ts';

const seeds = firstSeeds(lieCount, 2 * lieCount);

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
    if (seeds.length >= 2 * lieCount) expect([...told.values()].filter((count) => count > 0)).toHaveLength(lieCount);
  });
});

describe('the age of a key', () => {
  const dayMs = 24 * 60 * 60 * 1_000;
  const message = (seq: number, by: string, at: number) => {
    const payload = encodePayload({
      ...{ type: 'message', epoch: 1, token: new Uint8Array(1) },
      head: { seq: seq - 1, hash: '0'.repeat(64) },
    });
    return { seq, at, entry: { type: 'message', by, payload } };
  };
  const epoch = { seq: 1, at: 0, entry: { type: 'epoch', by: 'alice', payload: encodePayload({ kind: 'fresh' }) } };

  /** @param knownAt when the author of the second message has read of the key */
  function faults(at: number, knownAt: readonly number[]): readonly string[] {
    const entries = [epoch, message(2, 'alice', 0), message(3, 'bob', at)] as unknown as AgedLog['entries'];
    return keyFaults({ name: 'south', entries, readAt: (by) => (by === 'bob' ? knownAt : [0]), slackMs: 0 });
  }

  test('counts from its epoch on for an author who has read that at once', () => {
    expect(faults(limits.lastKeyAge, [0])).toEqual([]);
    expect(faults(limits.lastKeyAge + 1, [0])).toHaveLength(1);
  });

  test('counts from when the author has read of it, who was away', () => {
    expect(faults(4 * dayMs, [4 * dayMs])).toEqual([]);
    expect(faults(4 * dayMs + limits.lastKeyAge + 1, [4 * dayMs])).toHaveLength(1);
  });

  test('does not begin anew when the author reads of it after the message', () => {
    expect(faults(4 * dayMs, [0, 4 * dayMs + 1])).toHaveLength(1);
  });
});
