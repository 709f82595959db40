import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyRoom, hubOf, hubOrder, type Member, type RoomState, UserMap } from '../../src/index.ts';

const names = Array.from('abcdefgh');

/** Members whose key was made for some of them only, of whom some act last, and of whom the local user may lack the key. */
const room = fc
  .record({
    from: fc.dictionary(fc.constantFrom(...names), fc.nat(20)),
    answers: fc.nat(20),
    actLast: fc.option(fc.uniqueArray(fc.constantFrom(...names)), { nil: undefined }),
    hasKey: fc.boolean(),
  })
  .map(({ from, answers, actLast, hasKey }): RoomState => {
    const members = Object.entries(from).map(([user, readsFrom], index): Member => {
      return { user, fingerprint: user, key: '', joinedAt: index + 1, readsFrom, role: 'member', roleSeq: 1 };
    });
    const place = { v: 2, number: 1, hash: '', kind: 'fresh', author: 'a' } as const;
    const epoch = { ...place, answers, commitment: '', wraps: '', past: null };
    return {
      ...emptyRoom('0'.repeat(64), 'a'),
      epoch,
      secrets: hasKey ? { 1: 'AAAA' } : {},
      ...(actLast === undefined ? {} : { actLast }),
      members: UserMap.of(Object.fromEntries(members.map((member) => [member.fingerprint, member]))),
    };
  });

test('the hub is the first member in the order, whichever names the server lists, repeats or makes up', () => {
  const online = fc.array(fc.constantFrom(...names, 'stranger', 'toString'), { maxLength: 16 });
  fc.assert(
    fc.property(room, online, (state, users) => {
      expect(hubOf(state, users)).toBe(hubOrder(state, users)[0] ?? null);
    }),
  );
});
