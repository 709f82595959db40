/** Arguments that callers in JavaScript can give to hubs and members although they make no sense. */
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { KeyHub, MemberState } from '../../src/index.ts';
import { createGroup, founded, groupName, testUser } from '../support/group-setting.ts';

const [alice, bob, carol] = [testUser('alice'), testUser('bob'), testUser('carol')];
const first = createGroup([alice, bob]);
const [a] = founded([alice, bob], first) as [MemberState];

test('refuses keys that are no pair, and those of another suite', () => {
  for (const none of [null, undefined, 7, 'keys']) {
    expect(thrownCode(() => MemberState.found(groupName, 'alice', none as never))).toBe('invalid-argument');
  }
  const other = testUser('carol', 'P-256').keys;
  expect(thrownCode(() => MemberState.enter(first.hub.snapshot(), 'carol', other))).toBe('invalid-argument');
});

test('names its group, and is the only object from which a hub continues', () => {
  expect([a.group, KeyHub.succeed(a).group]).toEqual([groupName, groupName]);
  for (const other of [{}, first.hub, Object.create(MemberState.prototype)]) {
    expect(thrownCode(() => KeyHub.succeed(other as never))).toBe('invalid-argument');
  }
});

test('refuses misspelt names of options', () => {
  const group = { name: 'group', members: [alice.member], siute: 'P-256' };
  expect(thrownCode(() => KeyHub.create(group))).toBe('invalid-argument');
  const change: object = { remove: ['bob'] };
  expect(thrownCode(() => first.hub.rekey(change))).toBe('invalid-argument');
});

test('refuses changes that are not in lists', () => {
  const changes = [{ removed: new Set(['bob']) }, { added: new Set([carol.member]) }, { removed: 'bob' }, { added: 7 }];
  for (const change of changes) {
    expect(thrownCode(() => first.hub.rekey(change as never))).toBe('invalid-argument');
  }
});
