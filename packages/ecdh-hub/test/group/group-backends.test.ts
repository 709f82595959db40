/** Both backends make the same epochs, byte for byte, and each applies the epochs of the other. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { applyEpoch, type Membership } from '../../src/group/apply-epoch.ts';
import { type ComposeOptions, composeEpoch } from '../../src/group/compose-epoch.ts';
import { emptyGroup, type Group } from '../../src/group/group.ts';
import { receiveSecret, rewrapSecret } from '../../src/group/rewrap.ts';
import type { Suite } from '../../src/index.ts';
import { decodeEnvelope } from '../../src/wrap/envelope.ts';
import { loadRecipient } from '../../src/wrap/sides.ts';
import { groupName, testUser, wrapFor } from '../support/group-setting.ts';
import { crossings, native, portable, seededRandom, suites } from '../support/setting.ts';

/** Creates a group of two; a third member joins; the first leaves. */
function history(backend: Backend, suite: Suite) {
  const random = seededRandom('epochs');
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((id) => testUser(id, suite).member);
  if (alice === undefined || bob === undefined || carol === undefined)
    throw new Error('three names make three members');
  const empty = emptyGroup(groupName, suite);
  const compose = (group: Group, change: Omit<ComposeOptions, 'random'>) => {
    const { wraps, ...epoch } = composeEpoch(backend, group, { ...change, random });
    return { ...epoch, wraps: [...wraps] };
  };
  const first = compose(empty, { removed: [], added: [alice, bob] });
  const second = compose(first.group, { removed: [], added: [carol], previousSecret: first.secret });
  const third = compose(second.group, { removed: ['alice'], added: [] });
  const envelope = rewrapSecret(backend, third.group, { secret: third.secret, id: 'bob', random });
  return { epochs: [first, second, third], envelope };
}

test.each(suites)('%s: both backends make the same epochs of the same random bytes', (suite) => {
  expect(history(native, suite)).toEqual(history(portable, suite));
});

describe.each(crossings)('$writerName writes, $readerName reads', ({ writer, reader }) => {
  test.each(suites)('%s', (suite) => {
    const { epochs, envelope } = history(writer, suite);
    const { keys } = testUser('bob', suite);
    const own = loadRecipient(reader, keys);
    let bob: Membership = { id: 'bob', group: emptyGroup(groupName, suite), secret: null };
    for (const { announcement, wraps, group, secret } of epochs) {
      const applied = applyEpoch(reader, bob, { own, announcement, wrap: wrapFor('bob', wraps) });
      expect(applied.key).toBe('held');
      expect(applied.membership).toEqual({ id: 'bob', group, secret });
      bob = applied.membership;
    }
    const lost = { ...bob, secret: null };
    expect(receiveSecret(reader, lost, { keys, envelope: decodeEnvelope(envelope) })).toEqual(bob.secret);
  });
});

test('the group after an epoch is deeply frozen', () => {
  for (const { group } of history(native, 'X25519').epochs) {
    const objects = [group, group.roster, group.roster.members, ...group.roster.members];
    expect(objects.filter((part) => !Object.isFrozen(part))).toEqual([]);
    expect(Object.values(group).every((value) => typeof value !== 'object' || Object.isFrozen(value))).toBe(true);
  }
});
