/** Groups of X-Wing, whose wraps hold an encapsulation each. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { composeEpoch } from '../../src/group/compose-epoch.ts';
import { emptyGroup } from '../../src/group/group.ts';
import { KeyHub, MemberState } from '../../src/index.ts';
import { createGroup, groupName, testUser, testUsers, wrapFor } from '../support/group-setting.ts';
import { lowOrder } from '../support/invalid-points.ts';
import { flipBit, native, seededRandom } from '../support/setting.ts';

test('each wrap holds an encapsulation, and the announcement of a removal no key', () => {
  const next = createGroup(testUsers(3, 'X-Wing'), 'X-Wing').hub.remove(['user-2']);
  expect(next.wraps.map(({ wrap }) => wrap.length)).toEqual([1168, 1168]);
  expect(next.announcement).toHaveLength(82);
});

describe('a wrap of X-Wing', () => {
  const alice = testUser('alice', 'X-Wing');
  const { announcement, wraps } = createGroup([alice], 'X-Wing');
  const member = MemberState.found(groupName, 'alice', alice.keys);
  const wrap = wrapFor('alice', wraps) as Uint8Array;

  test('with a changed bit does not open, whichever part it is in', () => {
    for (let bit = 0; bit < wrap.length * 8; bit += 61) {
      expect(member.apply(announcement, flipBit(wrap, bit)).key).toBe('wrong');
    }
    expect(member.apply(announcement, wrap).key).toBe('held');
  });

  test.each(lowOrder)('with a point of low order does not open, and is no error of the epoch: %s', (_, point) => {
    const weak = new Uint8Array(wrap);
    weak.set(point, 1088);
    expect(member.apply(announcement, weak).key).toBe('wrong');
  });

  test('of another size is refused', () => {
    for (const wrong of [wrap.subarray(1), Uint8Array.of(...wrap, 0), wrap.subarray(-48), new Uint8Array()]) {
      expect(thrownCode(() => member.apply(announcement, wrong))).toBe('invalid-argument');
    }
  });
});

test('each wrap draws when it is made, so that a large group does not draw at once', () => {
  const draws: number[] = [];
  const random = seededRandom('lazy');
  const counted = (bytes: number) => {
    draws.push(bytes);
    return random(bytes);
  };
  const added = testUsers(3, 'X-Wing').map(({ member }) => member);
  const { wraps } = composeEpoch(native, emptyGroup(groupName, 'X-Wing'), { removed: [], added, random: counted });
  expect(draws).toEqual([32]);
  wraps.next();
  expect(draws).toEqual([32, 64]);
  expect([...wraps]).toHaveLength(2);
  expect(draws).toEqual([32, 64, 64, 64]);
});

test('a newcomer or a stored member whose key is not reduced, or of low order, is refused', () => {
  const [alice, mallory] = [testUser('alice', 'X-Wing'), testUser('mallory', 'X-Wing')];
  const first = createGroup([alice], 'X-Wing');
  const { hub } = first;
  const [unreduced, weak] = [new Uint8Array(mallory.member.publicKey), new Uint8Array(mallory.member.publicKey)];
  unreduced.fill(0xff, 0, 3);
  weak.fill(0, 1184);
  const alone = MemberState.found(groupName, 'alice', alice.keys).apply(
    first.announcement,
    first.wraps[0]?.wrap,
  ).member;
  const joined = Buffer.from(hub.join([mallory.member]).announcement);
  for (const publicKey of [unreduced, weak]) {
    const forged = Buffer.from(joined);
    forged.set(publicKey, joined.indexOf(mallory.member.publicKey));
    expect(thrownCode(() => alone.apply(forged))).toBe('invalid-public-key');
    expect(thrownCode(() => hub.join([{ id: 'mallory', publicKey }]))).toBe('invalid-public-key');
    expect(thrownCode(() => hub.rekey({ added: [{ id: 'mallory', publicKey }] }))).toBe('invalid-public-key');
    const text = JSON.stringify(hub).replace(
      Buffer.from(alice.member.publicKey).toString('base64url'),
      Buffer.from(publicKey).toString('base64url'),
    );
    expect(thrownCode(() => KeyHub.parse(text))).toBe('invalid-public-key');
  }
});
