/** A member of a group: follows announcements, and notices everything that is not as it should be. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../src/encoding/bytes.ts';
import { bodyOf } from '../src/group/announcement.ts';
import { sealSecret } from '../src/group/epoch-wrap.ts';
import { commitmentTo, epochContext } from '../src/group/key-schedule.ts';
import { storedMember } from '../src/group/member.ts';
import { getKeyFromHub, KeyHub, MemberState, sendKeyToClient } from '../src/index.ts';
import { suiteNamed } from '../src/keys/suite.ts';
import { after, createGroup, founded, GROUP, person, wrapFor } from './group-setting.ts';
import { invalidPoints } from './invalid-points.ts';
import { codeOf, flipBit, native, seededRandom, utf8 } from './setting.ts';

const [alice, bob, carol, dave] = [person('alice'), person('bob'), person('carol'), person('dave')];
const founders = [alice, bob];
const first = createGroup(founders);
const [a, b] = founded(founders, first) as [MemberState, MemberState];
const second = first.hub.join([carol.member]);
const third = second.hub.remove(['bob']);
const fourth = third.hub.join([dave.member]);

test('follows every epoch, and is told who came and who went', () => {
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

test('keeps keys of its own: the caller may wipe theirs', () => {
  const keys = { ...alice.keys, privateKey: alice.keys.privateKey.slice(), publicKey: alice.keys.publicKey.slice() };
  const member = MemberState.found(GROUP, 'alice', keys);
  keys.privateKey.fill(0);
  keys.publicKey.fill(0);
  expect(after(member, first).key()).toEqual(first.hub.key());
  expect(member.apply(first.announcement).member.receive(first.hub.rewrap('alice')).key()).toEqual(first.hub.key());
});

/** `none`: accepted as an announcement, and then found not to be what the wrap was made for. */
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
  test('a gap is seen', () => {
    expect(codeOf(() => a.apply(third.announcement))).toBe('epoch-gap');
    expect(codeOf(() => MemberState.found(GROUP, 'alice', alice.keys).apply(second.announcement))).toBe('epoch-gap');
  });

  test('a replay is seen', () => {
    const member = after(after(a, second), third);
    expect(codeOf(() => member.apply(first.announcement))).toBe('epoch-stale');
    expect(codeOf(() => member.apply(second.announcement))).toBe('epoch-stale');
  });

  test('the latest, announced again, changes nothing', () => {
    const applied = a.apply(first.announcement, wrapFor('bob', first.wraps));
    expect(applied.key).toBe('held');
    expect(JSON.stringify(applied.member)).toBe(JSON.stringify(a));
    const member = after(a, second);
    expect(JSON.stringify(after(member, second))).toBe(JSON.stringify(member));
  });

  test('another past is seen: of this group, and of another of the same members', () => {
    const fork = first.hub.rekey();
    expect(codeOf(() => after(a, second).apply(fork.announcement))).toBe('epoch-fork');
    expect(codeOf(() => after(a, second).apply(fork.hub.rekey().announcement))).toBe('epoch-fork');
    const elsewhere = KeyHub.create({ name: 'room 8', suite: 'X25519', members: founders.map(({ member }) => member) });
    const begun = MemberState.found(GROUP, 'alice', alice.keys);
    expect(codeOf(() => begun.apply(elsewhere.announcement))).toBe('epoch-fork');
  });

  test('any changed bit of an announcement is refused, or leaves the member without a key', () => {
    for (const next of [second, first.hub.rekey({}, seededRandom('rekey'))]) {
      const wrap = wrapFor('alice', next.wraps);
      for (let bit = 0; bit < next.announcement.length * 8; bit++) {
        const changed = flipBit(next.announcement, bit);
        const outcome = codeOf(() => expect(a.apply(changed, wrap).key).not.toBe('held'));
        expect(refusals, `bit ${bit}`).toContain(outcome);
      }
    }
  });
});

describe('a lost wrap', () => {
  const lost = after(a, second).apply(third.announcement);

  test('is noticed, and the group goes on', () => {
    expect(lost.key).toBe('missing');
    expect(lost.member.key()).toBeUndefined();
    const next = lost.member.apply(fourth.announcement);
    expect(next.key).toBe('missing');
    expect(next.member.epoch).toBe(4);
  });

  test('may come late', () => {
    const applied = lost.member.apply(third.announcement, wrapFor('alice', third.wraps));
    expect(applied.key).toBe('held');
    expect(after(applied.member, fourth).key()).toEqual(fourth.hub.key());
  });

  test('heals with the next fresh key', () => {
    const fresh = third.hub.rekey();
    expect(after(lost.member, fresh).key()).toEqual(fresh.hub.key());
  });

  test('is made good by any member who has the key', () => {
    const c = after(after(MemberState.enter(first.hub.snapshot(), 'carol', carol.keys), second), third);
    const envelope = KeyHub.succeed(c).rewrap('alice');
    const healed = lost.member.receive(envelope);
    expect(healed.key()).toEqual(third.hub.key());
    expect(after(healed, fourth).key()).toEqual(fourth.hub.key());
    expect(JSON.stringify(healed.receive(envelope))).toBe(JSON.stringify(healed));
  });

  test('is not made good by a rewrap of another epoch, nor for another member, nor by any other envelope', () => {
    const { publicKey } = alice.keys;
    const wrong = [second.hub.rewrap('alice'), fourth.hub.rewrap('alice'), third.hub.rewrap('carol')];
    wrong.push(sendKeyToClient(publicKey, new Uint8Array(32), utf8(GROUP), { suite: 'X25519' }));
    for (const envelope of wrong) expect(codeOf(() => lost.member.receive(envelope))).toBe('unwrap-failed');
    expect(codeOf(() => lost.member.receive(new Uint8Array(48)))).toBe('invalid-envelope');
    const other = sendKeyToClient(person('alice', 'P-256').keys.publicKey, new Uint8Array(32), utf8(GROUP), {
      suite: 'P-256',
    });
    expect(codeOf(() => lost.member.receive(other))).toBe('invalid-envelope');
  });
});

test('a rewrap that opens, and holds another key than was announced, is noticed', () => {
  const { publicKey } = alice.keys;
  const { member } = MemberState.found(GROUP, 'alice', alice.keys).apply(first.announcement);
  const context = lengthPrefixed([
    utf8('ecdh-hub rewrap v1'),
    epochContext(native, GROUP, bodyOf(first.announcement)),
    utf8('alice'),
  ]);
  const secret = getKeyFromHub(alice.keys, first.hub.rewrap('alice'), context);
  const envelope = (key: Uint8Array) => sendKeyToClient(publicKey, key, context, { suite: 'X25519' });
  expect(member.receive(envelope(secret)).key()).toEqual(first.hub.key());
  for (const wrong of [flipBit(secret, 0), secret.subarray(0, 31), Uint8Array.of(...secret, 0)]) {
    expect(codeOf(() => member.receive(envelope(wrong)))).toBe('unwrap-failed');
  }
});

describe('a wrong key', () => {
  /** A hub that wraps, or commits to, another secret than it should. */
  const { announcement } = first.hub.rekey({}, seededRandom('dishonest'));
  const context = epochContext(native, GROUP, bodyOf(announcement));
  const otherSecret = new Uint8Array(32).fill(5);
  const ephemeral = native.agreements.X25519.derive(seededRandom('dishonest')(32));

  test('in a wrap that opens is noticed by the commitment', () => {
    const sealing = { suite: suiteNamed('X25519', 'invalid-argument'), ephemeral, context, secret: otherSecret };
    const wrap = sealSecret(native, storedMember(alice.member), sealing);
    const applied = a.apply(announcement, wrap);
    expect(applied.key).toBe('wrong');
    expect(applied.member.key()).toBeUndefined();
    const committed = Uint8Array.of(...bodyOf(announcement), ...commitmentTo(native, otherSecret, context));
    expect(a.apply(committed, wrap).key).toBe('held');
  });

  test('in a step is noticed by those who step on', () => {
    const { announcement } = second;
    const context = epochContext(native, GROUP, bodyOf(announcement));
    const forged = Uint8Array.of(...bodyOf(announcement), ...commitmentTo(native, otherSecret, context));
    const applied = a.apply(forged);
    expect(applied.key).toBe('wrong');
    expect(applied.member.key()).toBeUndefined();
    expect(applied.member.epoch).toBe(2);
  });

  test('is what a wrap of somebody else’s, of another epoch or of other keys gives', () => {
    expect(a.apply(announcement, wrapFor('alice', first.wraps)).key).toBe('wrong');
    const mistaken = MemberState.found(GROUP, 'alice', carol.keys);
    expect(mistaken.apply(first.announcement, wrapFor('alice', first.wraps)).key).toBe('wrong');
  });
});

describe('a newcomer', () => {
  test('begins with the snapshot before the epoch that lets them in, from a hub or a member', () => {
    for (const snapshot of [first.hub.snapshot(), a.snapshot()]) {
      const before = MemberState.enter(snapshot, 'carol', carol.keys);
      expect(before.key()).toBeUndefined();
      expect(before.members).toEqual(first.hub.members);
      expect(after(before, second).key()).toEqual(second.hub.key());
    }
  });

  test('sees that a snapshot is not the group’s: another member, another order, another epoch', () => {
    const replaced = createGroup([alice, dave]).hub.snapshot();
    const reordered = createGroup([bob, alice]).hub.snapshot();
    for (const snapshot of [replaced, reordered]) {
      expect(codeOf(() => MemberState.enter(snapshot, 'carol', carol.keys).apply(second.announcement))).toBe(
        'epoch-fork',
      );
    }
    const late = MemberState.enter(third.hub.snapshot(), 'carol', carol.keys);
    expect(codeOf(() => late.apply(second.announcement))).toBe('epoch-stale');
  });

  test('can be the hub at once', () => {
    const c = after(MemberState.enter(first.hub.snapshot(), 'carol', carol.keys), second);
    const next = KeyHub.succeed(c).remove(['alice']);
    expect(after(after(b, second), next).key()).toEqual(next.hub.key());
  });
});

describe('who is not in the group', () => {
  test('follows without a key, before and after', () => {
    const stranger = MemberState.found(GROUP, 'carol', carol.keys).apply(first.announcement);
    expect(stranger.key).toBe('not-a-member');
    const gone = after(b, second).apply(third.announcement, wrapFor('alice', third.wraps));
    expect(gone.key).toBe('not-a-member');
    expect(gone.member.key()).toBeUndefined();
    expect(gone.member.apply(fourth.announcement).key).toBe('not-a-member');
  });

  test('takes no key, even if one is offered', () => {
    const gone = after(after(b, second), third);
    expect(codeOf(() => gone.receive(second.hub.rewrap('bob')))).toBe('unknown-member');
  });
});

test.each(invalidPoints)(
  'a hub that lets in a key of %s that is none is refused by every member: %s',
  (suite, _, bad) => {
    const [one, two] = [person('alice', suite), person('carol', suite)];
    const created = createGroup([one], suite);
    const { announcement } = created.hub.join([two.member]);
    const [member] = founded([one], created) as [MemberState];
    const forged = new Uint8Array(announcement);
    forged.set(bad, announcement.length - 32 - bad.length);
    expect(codeOf(() => member.apply(forged))).toBe('invalid-public-key');
    const ephemeral = new Uint8Array(announcement);
    ephemeral.set(bad, 39);
    expect(codeOf(() => member.apply(ephemeral))).toBe('invalid-public-key');
  },
);

test('a wrap of another size or kind is misuse', () => {
  for (const wrap of [new Uint8Array(47), new Uint8Array(49), new Uint8Array(), 'wrap' as never]) {
    expect(codeOf(() => a.apply(second.announcement, wrap))).toBe('invalid-argument');
  }
});

test('keys of another suite, or damaged, are misuse', () => {
  const text = JSON.stringify(a);
  expect(codeOf(() => MemberState.parse(text, person('alice', 'P-256').keys))).toBe('invalid-argument');
  const privateKey = alice.keys.privateKey.subarray(1);
  expect(codeOf(() => MemberState.parse(text, { ...alice.keys, privateKey }))).toBe('invalid-private-key');
});

test('neither a hub nor a member shows a secret when logged', () => {
  expect(inspect(first.hub, { depth: 9 })).toBe('KeyHub {}');
  expect(inspect(a, { depth: 9 })).toBe('MemberState {}');
});
