/** The roster: after any changes its hash is that of its list, and a change does not alter the roster before it. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64url } from '../../src/encoding/base64url.ts';
import { Roster } from '../../src/group/roster.ts';
import type { Member } from '../../src/index.ts';
import { rosterHash } from '../support/roster-reference.ts';
import { native, portable } from '../support/setting.ts';

const newcomer = (n: number): Member => ({ id: `user-${n}`, publicKey: new Uint8Array(32).fill(n) });
const newcomers = (from: number, count: number) => Array.from({ length: count }, (_, i) => newcomer(from + i));

/** Numbers around one and two blocks of 32 members. */
test.each([0, 1, 31, 32, 33, 63, 64, 65, 100])('%i members have the hash that the format defines', (count) => {
  const members = newcomers(0, count);
  const hash = toBase64url(rosterHash(members));
  for (const backend of [native, portable]) expect(Roster.empty().change(backend, [], members).hash).toBe(hash);
});

test('every roster has that hash after members have been added and removed', () => {
  const changes = fc.array(
    fc.record({ addedCount: fc.nat(40), removedPlaces: fc.array(fc.nat(200), { maxLength: 4 }) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(changes, (history) => {
      let [roster, members, next] = [Roster.empty(), newcomers(0, 0), 0];
      for (const { addedCount, removedPlaces } of history) {
        const ids = [...new Set(removedPlaces.map((place) => members[place % members.length]?.id))];
        const removed = ids.filter((id) => id !== undefined);
        const added = newcomers(next, addedCount);
        const before = JSON.stringify(roster);
        const changed = roster.change(native, removed, added);
        expect(JSON.stringify(roster)).toBe(before);

        members = [...members.filter(({ id }) => !removed.includes(id)), ...added];
        expect(changed.members.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
        expect(changed.hash).toBe(toBase64url(rosterHash(members)));
        [roster, next] = [changed, next + addedCount];
      }
    }),
    { numRuns: 60 },
  );
});

test('a member is not added twice, and only members are removed', () => {
  const roster = Roster.empty().change(native, [], newcomers(0, 3));
  expect(thrownCode(() => roster.change(native, [], [newcomer(1)]))).toBe('already-member');
  expect(thrownCode(() => roster.change(native, [], [newcomer(7), newcomer(7)]))).toBe('already-member');
  expect(thrownCode(() => roster.change(native, ['user-7'], []))).toBe('unknown-member');
  expect(thrownCode(() => roster.change(native, ['user-1', 'user-1'], []))).toBe('unknown-member');
  expect(roster.change(native, ['user-1'], [newcomer(1)]).members.map(({ id }) => id)).toEqual([
    'user-0',
    'user-2',
    'user-1',
  ]);
});
