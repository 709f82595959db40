import { expect, test } from 'vitest';
import { userIn } from '../../../src/domain/entry-rules/user-index.ts';
import { advance } from '../../../src/domain/room-state.ts';

const hash = (digit: string) => digit.repeat(64);
const policy = { join: 'open', history: 'since-join' } as const;

test('finds the members of each state, also after one has come, gone or got another role', () => {
  const step = { room: hash('a'), at: 0 };
  const alice = { user: 'alice', fingerprint: hash('1') };
  const bob = { user: 'bob', fingerprint: hash('2') };
  const created = advance(null, { ...step, seq: 1, change: { kind: 'create', name: 'den', policy, ...alice } });
  expect(userIn(created.members, 'alice')).toMatchObject({ ...alice, role: 'owner' });
  expect(userIn(created.members, 'bob')).toBeUndefined();

  const joined = advance(created, { ...step, seq: 2, change: { kind: 'join', readsFrom: 2, ...bob } });
  expect(userIn(joined.members, 'bob')).toMatchObject({ ...bob, role: 'member', joinedAt: 2 });
  expect(userIn(created.members, 'bob')).toBeUndefined();

  const talked = advance(joined, { ...step, seq: 3, change: null });
  expect(userIn(talked.members, 'bob')).toBe(userIn(joined.members, 'bob'));

  const roles = [{ user: 'bob', role: 'moderator' as const }];
  const promoted = advance(talked, { ...step, seq: 4, change: { kind: 'role', roles } });
  expect(userIn(promoted.members, 'bob')).toMatchObject({ role: 'moderator', roleSeq: 4 });
  expect(userIn(joined.members, 'bob')).toMatchObject({ role: 'member' });

  const removed = advance(promoted, { ...step, seq: 5, change: { kind: 'remove', ...bob } });
  expect(userIn(removed.members, 'bob')).toBeUndefined();
  expect(userIn(removed.removed, 'bob')).toMatchObject(bob);
});
