/** Both backends make the same epochs, byte for byte, and each follows what the other made. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../src/backend/backend.ts';
import { applyEpoch, type Membership } from '../src/group/apply-epoch.ts';
import { composeEpoch } from '../src/group/compose-epoch.ts';
import { emptyGroup, type Group } from '../src/group/group.ts';
import { receiveSecret, rewrapSecret } from '../src/group/rewrap.ts';
import type { Suite } from '../src/index.ts';
import { decodeEnvelope } from '../src/wrap/envelope.ts';
import { GROUP, person, wrapFor } from './group-setting.ts';
import { crossings, native, portable, seededRandom, suites } from './setting.ts';

/** A group of two, a third joins, the first leaves. */
function history(backend: Backend, suite: Suite) {
  const random = seededRandom('epochs');
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((id) => person(id, suite).member);
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three names, three people');
  const empty = emptyGroup(GROUP, suite);
  const compose = (...[group, before, change]: [Group, Uint8Array | undefined, Parameters<typeof composeEpoch>[3]]) => {
    const { wraps, ...epoch } = composeEpoch(backend, group, before, change, random);
    return { ...epoch, wraps: [...wraps] };
  };
  const first = compose(empty, undefined, { removed: [], added: [alice, bob] });
  const second = compose(first.group, first.secret, { removed: [], added: [carol] });
  const third = compose(second.group, undefined, { removed: ['alice'], added: [] });
  const envelope = rewrapSecret(backend, third.group, third.secret, 'bob', random);
  return { epochs: [first, second, third], envelope };
}

test.each(suites)('%s: the same random bytes give the same epochs', (suite) => {
  expect(history(native, suite)).toEqual(history(portable, suite));
});

describe.each(crossings)('$writerName writes, $readerName reads', ({ writer, reader }) => {
  test.each(suites)('%s', (suite) => {
    const { epochs, envelope } = history(writer, suite);
    const { keys } = person('bob', suite);
    const own = reader.agreements[suite].load(keys.privateKey, keys.publicKey);
    let bob: Membership = { id: 'bob', group: emptyGroup(GROUP, suite), secret: undefined };
    for (const { announcement, wraps, group, secret } of epochs) {
      const applied = applyEpoch(reader, bob, own, announcement, wrapFor('bob', wraps));
      expect(applied.key).toBe('held');
      expect(applied.membership).toEqual({ id: 'bob', group, secret });
      bob = applied.membership;
    }
    const lost = { ...bob, secret: undefined };
    expect(receiveSecret(reader, lost, keys, decodeEnvelope(envelope))).toEqual(bob.secret);
  });
});

test('what an epoch leaves behind is frozen to its depth', () => {
  for (const { group } of history(native, 'X25519').epochs) {
    const objects = [group, group.roster, group.roster.members, ...group.roster.members];
    expect(objects.filter((part) => !Object.isFrozen(part))).toEqual([]);
    expect(Object.values(group).every((value) => typeof value !== 'object' || Object.isFrozen(value))).toBe(true);
  }
});
