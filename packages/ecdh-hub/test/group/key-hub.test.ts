/** The hub of a group: the results and the sizes of its operations, and its refusals. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { decodeAnnouncement, KeyHub, type Member, MemberState, type NextEpoch } from '../../src/index.ts';
import { after, createGroup, founded, groupName, testUser, testUsers, wrapFor } from '../support/group-setting.ts';
import { invalidPoints, malformed } from '../support/invalid-points.ts';
import { curveSuites, flipBit, seededRandom, suites } from '../support/setting.ts';

const [alice, bob, carol] = [testUser('alice'), testUser('bob'), testUser('carol')];
const first = createGroup([alice, bob]);
const recipients = ({ wraps }: NextEpoch) => wraps.map(({ to }) => to);
const idsOf = (hub: KeyHub) => hub.members.map(({ id }) => id);
const bytesOf = ({ announcement, wraps }: NextEpoch) =>
  wraps.reduce((bytes, { to, wrap }) => bytes + to.length + wrap.length, announcement.length);

test('P-384 is the default', () => {
  const founder = testUser('alice', 'P-384');
  const { hub, announcement, wraps } = KeyHub.create({ name: groupName, members: [founder.member] });
  expect(hub.suite).toBe('P-384');
  const applied = MemberState.found(groupName, 'alice', founder.keys).apply(announcement, wrapFor('alice', wraps));
  expect(applied.key).toBe('held');
  expect(applied.member.key()).toEqual(hub.key());
});

describe.each(suites)('%s', (suite) => {
  const founders = [testUser('alice', suite), testUser('bob', suite)];
  const newcomer = testUser('carol', suite);
  const created = createGroup(founders, suite);

  test('creates a group with one wrap for each founder, and all obtain the key', () => {
    expect(recipients(created)).toEqual(['alice', 'bob']);
    expect(created.hub.key()).toHaveLength(32);
    for (const member of founded(founders, created)) expect(member.key()).toEqual(created.hub.key());
  });

  test('makes one wrap on a join, for the newcomer; the other members derive the new key', () => {
    const next = created.hub.join([newcomer.member]);
    expect(recipients(next)).toEqual(['carol']);
    expect(idsOf(next.hub)).toEqual(['alice', 'bob', 'carol']);
    expect(next.hub.key()).not.toEqual(created.hub.key());
    const carol = MemberState.enter(created.hub.snapshot(), 'carol', newcomer.keys);
    for (const member of [...founded(founders, created), carol]) {
      expect(after(member, next).key()).toEqual(next.hub.key());
    }
  });

  test('makes one wrap on a removal for each remaining member, and the removed member obtains no key', () => {
    const next = created.hub.remove(['alice']);
    expect(recipients(next)).toEqual(['bob']);
    expect(idsOf(next.hub)).toEqual(['bob']);
    const [gone, stays] = founded(founders, created).map((member) => after(member, next));
    expect(stays?.key()).toEqual(next.hub.key());
    expect(gone?.key()).toBeUndefined();
  });

  test('makes one wrap for each member on a rekey, with a key that no member can derive', () => {
    const next = created.hub.rekey();
    expect(recipients(next)).toEqual(['alice', 'bob']);
    expect(decodeAnnouncement(next.announcement).kind).toBe('fresh');
    for (const member of founded(founders, created)) {
      expect(member.apply(next.announcement).key).toBe('missing');
      expect(after(member, next).key()).toEqual(next.hub.key());
    }
  });

  test('makes several changes in one rekey, and replaces a member’s public key', () => {
    const rotated = testUser('bob', suite, 'new keys');
    const next = created.hub.rekey({ removed: ['alice', 'bob'], added: [rotated.member, newcomer.member] });
    expect(recipients(next)).toEqual(['bob', 'carol']);
    const [, bob] = founded(founders, created);
    expect(after(bob as MemberState, next).key()).toBeUndefined();
    const renewed = MemberState.enter(created.hub.snapshot(), 'bob', rotated.keys);
    expect(after(renewed, next).key()).toEqual(next.hub.key());
  });

  test('makes a rewrap, an ordinary envelope that only its member can open', () => {
    const [alice, bob] = founders.map(({ id, keys }) =>
      MemberState.found(groupName, id, keys).apply(created.announcement),
    );
    expect(alice?.key).toBe('missing');
    const envelope = created.hub.rewrap('alice');
    expect(envelope).toHaveLength({ 'P-384': 176, 'P-256': 144, X25519: 111, 'X-Wing': 1199 }[suite]);
    expect(alice?.member.receive(envelope).key()).toEqual(created.hub.key());
    expect(thrownCode(() => bob?.member.receive(envelope))).toBe('unwrap-failed');
  });

  test('gives the same result for the same random bytes, and only then', () => {
    const rekey = (seed: string) => {
      const { announcement, wraps } = created.hub.rekey({}, seededRandom(seed));
      return { announcement, wraps };
    };
    expect(rekey('a')).toEqual(rekey('a'));
    expect(rekey('a')).not.toEqual(rekey('b'));
  });

  test('draws the ephemeral key, then the secret of a fresh epoch', () => {
    const sizes: number[] = [];
    const counted = () => {
      const random = seededRandom('order');
      return (bytes: number) => {
        sizes.push(bytes);
        return random(bytes);
      };
    };
    const privateKey = newcomer.keys.privateKey.length;
    created.hub.rekey({}, counted());
    created.hub.join([newcomer.member], counted());
    expect(sizes).toEqual(suite === 'X-Wing' ? [32, 64, 64, 64] : [privateKey, 32, privateKey]);
  });
});

describe('succession', () => {
  const [a, b] = founded([alice, bob], first);

  test('lets another member continue, and the members follow', () => {
    const next = KeyHub.succeed(b as MemberState).join([carol.member]);
    expect(next.hub.epoch).toBe(2);
    expect(after(a as MemberState, next).key()).toEqual(next.hub.key());
  });

  test('requires the key', () => {
    const { member } = MemberState.found(groupName, 'alice', alice.keys).apply(first.announcement);
    expect(thrownCode(() => KeyHub.succeed(member))).toBe('no-key');
    const gone = after(a as MemberState, first.hub.remove(['alice']));
    expect(thrownCode(() => KeyHub.succeed(gone))).toBe('no-key');
  });

  test('of two hubs at the same time: a member who has followed one refuses the other', () => {
    const [one, two] = [
      KeyHub.succeed(a as MemberState).rekey(),
      KeyHub.succeed(b as MemberState).join([carol.member]),
    ];
    const followed = after(a as MemberState, one);
    expect(thrownCode(() => followed.apply(two.announcement))).toBe('epoch-fork');
    expect(thrownCode(() => followed.apply(two.hub.rekey().announcement))).toBe('epoch-fork');
  });
});

describe('sizes', () => {
  test.each(curveSuites)('%s: a removal from a group of 100 costs less than 200 bytes for each member', (suite) => {
    const hundred = createGroup(testUsers(100, suite), suite);
    const next = hundred.hub.remove(['user-42']);
    expect(next.wraps).toHaveLength(99);
    expect(next.wraps.every(({ wrap }) => wrap.length === 48)).toBe(true);
    expect(bytesOf(next) / 99).toBeLessThan(60);
    const download = next.announcement.length + 48;
    expect(download).toBe({ 'P-384': 180, 'P-256': 164, X25519: 163 }[suite]);
  });

  test('a join costs the same in a group of any size', () => {
    const joins = [1, 10, 300].map((n) => createGroup(testUsers(n)).hub.join([carol.member]));
    expect(joins.map(recipients)).toEqual(joins.map(() => ['carol']));
    expect(new Set(joins.map(bytesOf)).size).toBe(1);
  });
});

describe('refuses', () => {
  const { hub } = first;
  const untouched = JSON.stringify(hub);

  test.each(invalidPoints)('a newcomer whose key is not a point of %s: %s', (suite, _, publicKey) => {
    const { hub } = createGroup([testUser('alice', suite)], suite);
    const newcomer = { id: 'mallory', publicKey };
    expect(thrownCode(() => hub.join([newcomer]))).toBe('invalid-public-key');
    expect(thrownCode(() => hub.rekey({ added: [newcomer] }))).toBe('invalid-public-key');
    expect(thrownCode(() => KeyHub.create({ name: groupName, suite, members: [newcomer] }))).toBe('invalid-public-key');
  });

  test.each(['P-384', 'P-256'] as const)('a newcomer whose key does not have the form of %s', (suite) => {
    const { hub } = createGroup([testUser('alice', suite)], suite);
    for (const [, publicKey] of [...malformed(suite), ['of another kind', 'key' as never] as const]) {
      expect(thrownCode(() => hub.join([{ id: 'mallory', publicKey }]))).toBe('invalid-public-key');
    }
  });

  test('a newcomer who is a member, or is named twice', () => {
    expect(thrownCode(() => hub.join([bob.member]))).toBe('already-member');
    expect(thrownCode(() => hub.join([{ ...carol.member, id: 'bob' }]))).toBe('already-member');
    expect(thrownCode(() => hub.join([carol.member, carol.member]))).toBe('already-member');
    expect(thrownCode(() => createGroup([alice, alice]))).toBe('already-member');
  });

  test('a removal of, or a rewrap for, a user who is not a member', () => {
    expect(thrownCode(() => hub.remove(['carol']))).toBe('unknown-member');
    expect(thrownCode(() => hub.remove(['bob', 'bob']))).toBe('unknown-member');
    expect(thrownCode(() => hub.rewrap('carol'))).toBe('unknown-member');
    expect(thrownCode(() => first.hub.remove(['bob']).hub.rewrap('bob'))).toBe('unknown-member');
  });

  test('a join or removal of no member, and values that are not members', () => {
    const wrong: unknown[] = [[], carol.member, [null], [{}], [{ ...carol.member, id: '' }]];
    for (const newcomers of wrong) {
      expect(thrownCode(() => hub.join(newcomers as Member[]))).toBe('invalid-argument');
    }
    expect(thrownCode(() => hub.remove([]))).toBe('invalid-argument');
    expect(thrownCode(() => hub.remove('bob' as never))).toBe('invalid-argument');
  });

  test('names that are empty, too long, or not Unicode', () => {
    for (const name of ['', 'x'.repeat(129), 'é'.repeat(65), '\ud800', 7 as never]) {
      expect(thrownCode(() => hub.join([{ ...carol.member, id: name }]))).toBe('invalid-argument');
      expect(thrownCode(() => KeyHub.create({ name, suite: 'X25519', members: [] }))).toBe('invalid-argument');
      expect(thrownCode(() => MemberState.found(name, 'bob', bob.keys))).toBe('invalid-argument');
      expect(thrownCode(() => MemberState.found(groupName, name, bob.keys))).toBe('invalid-argument');
    }
    for (const name of ['x'.repeat(128), 'é'.repeat(64), '\ufeffx', '🙂']) {
      const next = hub.join([{ ...carol.member, id: name }]);
      expect(decodeAnnouncement(next.announcement).added[0]?.id).toBe(name);
    }
  });

  test('unknown suites, and keys of another suite than the group', () => {
    expect(thrownCode(() => KeyHub.create({ name: groupName, suite: 'P-521' as never, members: [] }))).toBe(
      'invalid-argument',
    );
    expect(thrownCode(() => hub.join([testUser('dave', 'P-256').member]))).toBe('invalid-public-key');
    const { announcement } = createGroup([testUser('alice', 'P-256')], 'P-256');
    expect(thrownCode(() => MemberState.found(groupName, 'alice', alice.keys).apply(announcement))).toBe(
      'invalid-announcement',
    );
  });

  test('without changing the hub', () => {
    expect(JSON.stringify(hub)).toBe(untouched);
  });
});

test('a hub shares no memory with its results or arguments', () => {
  const { hub } = createGroup([alice, bob]);
  const before = JSON.stringify(hub);
  hub.key().fill(0);
  for (const { publicKey } of hub.members) publicKey.fill(0);
  const given = testUser('carol').member;
  const next = hub.join([given]);
  const kept = JSON.stringify(next.hub);
  given.publicKey.fill(0);
  next.announcement.fill(0);
  expect(JSON.stringify(hub)).toBe(before);
  expect(JSON.stringify(next.hub)).toBe(kept);
});

test('operations do not change their arguments', () => {
  const deepFreeze = <T extends object>(value: T): T => {
    for (const part of Object.values(value)) {
      if (typeof part === 'object' && !(part instanceof Uint8Array)) deepFreeze(part);
    }
    return Object.freeze(value);
  };
  const given = deepFreeze({
    group: { name: groupName, suite: 'X25519' as const, members: [alice.member, bob.member] },
    newcomers: [carol.member],
    change: { removed: ['bob'], added: [testUser('dave').member] },
    gone: ['carol'],
    keys: alice.keys,
  });
  const kept = structuredClone(given);
  const one = KeyHub.create(given.group);
  const two = one.hub.join(given.newcomers);
  const three = two.hub.rekey(given.change);
  const four = three.hub.remove(given.gone);
  const sent = structuredClone([one, two, three, four].map(({ announcement, wraps }) => ({ announcement, wraps })));

  let member = MemberState.found(groupName, 'alice', given.keys);
  for (const next of [one, two, three, four]) member = after(member, deepFreeze(next));
  expect(member.key()).toEqual(four.hub.key());
  expect(given).toEqual(kept);
  expect([one, two, three, four].map(({ announcement, wraps }) => ({ announcement, wraps }))).toEqual(sent);
});

test('no two wraps of an epoch are equal, even for the same key under two ids', () => {
  const twin = { ...alice.member, id: 'twin' };
  const { hub, announcement, wraps } = KeyHub.create({
    name: groupName,
    suite: 'X25519',
    members: [alice.member, twin],
  });
  expect(new Set(wraps.map(({ wrap }) => `${wrap}`)).size).toBe(2);
  const member = MemberState.found(groupName, 'alice', alice.keys);
  expect(member.apply(announcement, wrapFor('twin', wraps)).key).toBe('wrong');
  expect(member.apply(announcement, wrapFor('alice', wraps)).member.key()).toEqual(hub.key());
});

test('a wrap with any changed bit does not open', () => {
  const member = MemberState.found(groupName, 'alice', alice.keys);
  const wrap = wrapFor('alice', first.wraps) as Uint8Array;
  for (let bit = 0; bit < wrap.length * 8; bit++) {
    expect(member.apply(first.announcement, flipBit(wrap, bit)).key).toBe('wrong');
  }
});
