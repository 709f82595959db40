/** A member of a group: applies announcements, and detects everything that is wrong with them. */
import { inspect } from 'node:util';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/encoding/bytes.ts';
import { bodyOf } from '../../src/group/announcement.ts';
import { sealSecret } from '../../src/group/epoch-wrap.ts';
import { commitmentTo, epochContext } from '../../src/group/key-schedule.ts';
import { storedMemberOf } from '../../src/group/member.ts';
import { decodeAnnouncement, getKeyFromHub, KeyHub, MemberState, sendKeyToClient } from '../../src/index.ts';
import { requireSuite } from '../../src/suite.ts';
import { createSender } from '../../src/wrap/sides.ts';
import { after, createGroup, founded, groupName, testUser, wrapFor } from '../support/group-setting.ts';
import { invalidPoints } from '../support/invalid-points.ts';
import { flipBit, native, outcomeOf, seededRandom, utf8 } from '../support/setting.ts';

const [alice, bob, carol, dave] = [testUser('alice'), testUser('bob'), testUser('carol'), testUser('dave')];
const founders = [alice, bob];
const first = createGroup(founders);
const [a, b] = founded(founders, first) as [MemberState, MemberState];
const second = first.hub.join([carol.member]);
const third = second.hub.remove(['bob']);
const fourth = third.hub.join([dave.member]);

test('parse refuses the key pair of another member, and one that is not on the roster', () => {
  const text = JSON.stringify(a);
  expect(MemberState.parse(text, alice.keys).key()).toEqual(a.key());
  for (const { keys } of [bob, carol]) {
    expect(thrownCode(() => MemberState.parse(text, keys))).toBe('invalid-argument');
  }
  const entering = JSON.stringify(MemberState.enter(first.hub.snapshot(), 'carol', carol.keys));
  expect(MemberState.parse(entering, carol.keys).id).toBe('carol');
  expect(thrownCode(() => MemberState.parse(entering, bob.keys))).toBe('invalid-argument');
});

test('applies every epoch, and returns the added and removed members', () => {
  let member = a;
  for (const [next, came, went] of [
    [second, ['carol'], []],
    [third, [], ['bob']],
    [fourth, ['dave'], []],
  ] as const) {
    const applied = member.apply(next.announcement, wrapFor('alice', next.wraps));
    expect(applied.key).toBe('held');
    expect(applied.announcement.added.map(({ id }) => id)).toEqual(came);
    expect(applied.announcement.removed).toEqual(went);
    expect(applied.member.members).toEqual(next.hub.members);
    expect(applied.member.key()).toEqual(next.hub.key());
    member = applied.member;
  }
  expect(member.epoch).toBe(4);
});

test('copies its keys, so that the caller may wipe them', () => {
  const keys = { ...alice.keys, privateKey: alice.keys.privateKey.slice(), publicKey: alice.keys.publicKey.slice() };
  const member = MemberState.found(groupName, 'alice', keys);
  keys.privateKey.fill(0);
  keys.publicKey.fill(0);
  expect(after(member, first).key()).toEqual(first.hub.key());
  expect(member.apply(first.announcement).member.receive(first.hub.rewrap('alice')).key()).toEqual(first.hub.key());
});

/** `none`: the announcement is accepted, but the wrap does not belong to it. */
const refusals = [
  'none',
  'invalid-announcement',
  'invalid-public-key',
  'unknown-member',
  'already-member',
  'epoch-gap',
  'epoch-fork',
  'epoch-stale',
];

describe('order', () => {
  test('detects a gap', () => {
    expect(thrownCode(() => a.apply(third.announcement))).toBe('epoch-gap');
    expect(thrownCode(() => MemberState.found(groupName, 'alice', alice.keys).apply(second.announcement))).toBe(
      'epoch-gap',
    );
  });

  test('detects a replay', () => {
    const member = after(after(a, second), third);
    expect(thrownCode(() => member.apply(first.announcement))).toBe('epoch-stale');
    expect(thrownCode(() => member.apply(second.announcement))).toBe('epoch-stale');
  });

  test('changes nothing if the latest announcement is applied again', () => {
    const applied = a.apply(first.announcement, wrapFor('bob', first.wraps));
    expect(applied.key).toBe('held');
    expect(JSON.stringify(applied.member)).toBe(JSON.stringify(a));
    const member = after(a, second);
    expect(JSON.stringify(after(member, second))).toBe(JSON.stringify(member));
  });

  test('detects the latest announcement with another commitment', () => {
    const changed = flipBit(first.announcement, first.announcement.length * 8 - 1);
    expect(thrownCode(() => a.apply(changed, wrapFor('alice', first.wraps)))).toBe('epoch-fork');
  });

  test('detects another history: of this group, and of another group with the same members', () => {
    const fork = first.hub.rekey();
    expect(thrownCode(() => after(a, second).apply(fork.announcement))).toBe('epoch-fork');
    expect(thrownCode(() => after(a, second).apply(fork.hub.rekey().announcement))).toBe('epoch-fork');
    const elsewhere = KeyHub.create({ name: 'room 8', suite: 'X25519', members: founders.map(({ member }) => member) });
    const begun = MemberState.found(groupName, 'alice', alice.keys);
    expect(thrownCode(() => begun.apply(elsewhere.announcement))).toBe('epoch-fork');
  });

  test('refuses an announcement with any changed bit, or has no key afterwards', () => {
    for (const next of [second, first.hub.rekey({}, seededRandom('rekey'))]) {
      const wrap = wrapFor('alice', next.wraps);
      for (let bit = 0; bit < next.announcement.length * 8; bit++) {
        const changed = flipBit(next.announcement, bit);
        const outcome = outcomeOf(() => expect(a.apply(changed, wrap).key).not.toBe('held'));
        expect(refusals, `bit ${bit}`).toContain(outcome);
      }
    }
  });
});

describe('a lost wrap', () => {
  const lost = after(a, second).apply(third.announcement);

  test('is detected, and later epochs apply', () => {
    expect(lost.key).toBe('missing');
    expect(lost.member.key()).toBeUndefined();
    const next = lost.member.apply(fourth.announcement);
    expect(next.key).toBe('missing');
    expect(next.member.epoch).toBe(4);
  });

  test('can be applied late', () => {
    const applied = lost.member.apply(third.announcement, wrapFor('alice', third.wraps));
    expect(applied.key).toBe('held');
    expect(after(applied.member, fourth).key()).toEqual(fourth.hub.key());
  });

  test('does not matter after the next fresh key', () => {
    const fresh = third.hub.rekey();
    expect(after(lost.member, fresh).key()).toEqual(fresh.hub.key());
  });

  test('is replaced by a rewrap from any member who has the key', () => {
    const c = after(after(MemberState.enter(first.hub.snapshot(), 'carol', carol.keys), second), third);
    const envelope = KeyHub.succeed(c).rewrap('alice');
    const healed = lost.member.receive(envelope);
    expect(healed.key()).toEqual(third.hub.key());
    expect(after(healed, fourth).key()).toEqual(fourth.hub.key());
    expect(JSON.stringify(healed.receive(envelope))).toBe(JSON.stringify(healed));
  });

  test('is not replaced by a rewrap of another epoch or for another member, or by another envelope', () => {
    const { publicKey } = alice.keys;
    const wrong = [second.hub.rewrap('alice'), fourth.hub.rewrap('alice'), third.hub.rewrap('carol')];
    wrong.push(sendKeyToClient(publicKey, new Uint8Array(32), utf8(groupName), { suite: 'X25519' }));
    for (const envelope of wrong) expect(thrownCode(() => lost.member.receive(envelope))).toBe('unwrap-failed');
    expect(thrownCode(() => lost.member.receive(new Uint8Array(48)))).toBe('invalid-envelope');
    const other = sendKeyToClient(testUser('alice', 'P-256').keys.publicKey, new Uint8Array(32), utf8(groupName), {
      suite: 'P-256',
    });
    expect(thrownCode(() => lost.member.receive(other))).toBe('invalid-envelope');
  });
});

test('a rewrap that opens but holds another key than the announced one is refused', () => {
  const { publicKey } = alice.keys;
  const { member } = MemberState.found(groupName, 'alice', alice.keys).apply(first.announcement);
  const context = lengthPrefixed([
    utf8('ecdh-hub rewrap v1'),
    epochContext(native, groupName, bodyOf(first.announcement)),
    utf8('alice'),
  ]);
  const secret = getKeyFromHub(alice.keys, first.hub.rewrap('alice'), context);
  const envelope = (key: Uint8Array) => sendKeyToClient(publicKey, key, context, { suite: 'X25519' });
  expect(member.receive(envelope(secret)).key()).toEqual(first.hub.key());
  for (const wrong of [flipBit(secret, 0), secret.subarray(0, 31), Uint8Array.of(...secret, 0)]) {
    expect(thrownCode(() => member.receive(envelope(wrong)))).toBe('unwrap-failed');
  }
});

describe('a wrong key', () => {
  /** The announcement of a hub that wraps, or commits to, another secret. */
  const { announcement } = first.hub.rekey({}, seededRandom('dishonest'));
  const context = epochContext(native, groupName, bodyOf(announcement));
  const otherSecret = new Uint8Array(32).fill(5);
  const suite = requireSuite('X25519', 'invalid-argument');
  const sender = createSender(native, suite, seededRandom('dishonest'));
  const { ephemeralKey } = decodeAnnouncement(announcement);

  test('in a wrap that opens is detected by the commitment', () => {
    const sealing = { suite, sender, ephemeralKey, context, secret: otherSecret };
    const wrap = sealSecret(native, storedMemberOf(alice.member), sealing);
    const applied = a.apply(announcement, wrap);
    expect(applied.key).toBe('wrong');
    expect(applied.member.key()).toBeUndefined();
    const committed = Uint8Array.of(...bodyOf(announcement), ...commitmentTo(native, otherSecret, context));
    expect(a.apply(committed, wrap).key).toBe('held');
  });

  test('in a step is detected by the members who derive the key', () => {
    const { announcement } = second;
    const context = epochContext(native, groupName, bodyOf(announcement));
    const forged = Uint8Array.of(...bodyOf(announcement), ...commitmentTo(native, otherSecret, context));
    const applied = a.apply(forged);
    expect(applied.key).toBe('wrong');
    expect(applied.member.key()).toBeUndefined();
    expect(applied.member.epoch).toBe(2);
  });

  test('is the result of a wrap of another epoch or for other keys', () => {
    expect(a.apply(announcement, wrapFor('alice', first.wraps)).key).toBe('wrong');
    const mistaken = MemberState.found(groupName, 'alice', carol.keys);
    expect(mistaken.apply(first.announcement, wrapFor('alice', first.wraps)).key).toBe('wrong');
  });
});

describe('a newcomer', () => {
  test('enters with the snapshot before the epoch that adds it, from a hub or a member', () => {
    for (const snapshot of [first.hub.snapshot(), a.snapshot()]) {
      const before = MemberState.enter(snapshot, 'carol', carol.keys);
      expect(before.key()).toBeUndefined();
      expect(before.members).toEqual(first.hub.members);
      expect(after(before, second).key()).toEqual(second.hub.key());
    }
  });

  test('detects a snapshot of another group: other members, another order, another epoch', () => {
    const replaced = createGroup([alice, dave]).hub.snapshot();
    const reordered = createGroup([bob, alice]).hub.snapshot();
    for (const snapshot of [replaced, reordered]) {
      expect(thrownCode(() => MemberState.enter(snapshot, 'carol', carol.keys).apply(second.announcement))).toBe(
        'epoch-fork',
      );
    }
    const late = MemberState.enter(third.hub.snapshot(), 'carol', carol.keys);
    expect(thrownCode(() => late.apply(second.announcement))).toBe('epoch-stale');
  });

  test('can be the hub immediately', () => {
    const c = after(MemberState.enter(first.hub.snapshot(), 'carol', carol.keys), second);
    const next = KeyHub.succeed(c).remove(['alice']);
    expect(after(after(b, second), next).key()).toEqual(next.hub.key());
  });
});

describe('a user outside the group', () => {
  test('follows without a key, before joining and after removal', () => {
    const stranger = MemberState.found(groupName, 'carol', carol.keys).apply(first.announcement);
    expect(stranger.key).toBe('not-a-member');
    const gone = after(b, second).apply(third.announcement, wrapFor('alice', third.wraps));
    expect(gone.key).toBe('not-a-member');
    expect(gone.member.key()).toBeUndefined();
    expect(gone.member.apply(fourth.announcement).key).toBe('not-a-member');
  });

  test('refuses a key', () => {
    const gone = after(after(b, second), third);
    expect(thrownCode(() => gone.receive(second.hub.rewrap('bob')))).toBe('unknown-member');
  });
});

test.each(invalidPoints)('every member refuses a hub that announces an invalid key of %s: %s', (suite, _, bad) => {
  const [one, two] = [testUser('alice', suite), testUser('carol', suite)];
  const created = createGroup([one], suite);
  const { announcement } = created.hub.join([two.member]);
  const [member] = founded([one], created) as [MemberState];
  const forged = new Uint8Array(announcement);
  forged.set(bad, announcement.length - 32 - bad.length);
  expect(thrownCode(() => member.apply(forged))).toBe('invalid-public-key');
  const ephemeral = new Uint8Array(announcement);
  ephemeral.set(bad, 39);
  expect(thrownCode(() => member.apply(ephemeral))).toBe('invalid-public-key');
});

test('refuses a wrap of another size or type', () => {
  for (const wrap of [new Uint8Array(47), new Uint8Array(49), new Uint8Array(), 'wrap' as never]) {
    expect(thrownCode(() => a.apply(second.announcement, wrap))).toBe('invalid-argument');
  }
});

test('refuses keys of another suite, and damaged keys', () => {
  const text = JSON.stringify(a);
  expect(thrownCode(() => MemberState.parse(text, testUser('alice', 'P-256').keys))).toBe('invalid-argument');
  const privateKey = alice.keys.privateKey.subarray(1);
  expect(thrownCode(() => MemberState.parse(text, { ...alice.keys, privateKey }))).toBe('invalid-private-key');
});

test('hubs and members show no secret when they are logged', () => {
  expect(inspect(first.hub, { depth: 9 })).toBe('KeyHub {}');
  expect(inspect(a, { depth: 9 })).toBe('MemberState {}');
});
