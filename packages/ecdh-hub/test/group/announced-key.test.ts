/** The announced form of the ephemeral key: compressed, and equivalent to the whole key. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcedKeyOf, requireAnnouncedKeyForm } from '../../src/group/announced-key.ts';
import { decodeAnnouncement } from '../../src/index.ts';
import { requireSuite } from '../../src/suite.ts';
import { after, createGroup, founded, testUser } from '../support/group-setting.ts';
import { fields, lowOrder } from '../support/invalid-points.ts';
import {
  backends,
  curveSuites,
  everyBackendAndCurve,
  hex,
  native,
  outcomeOf,
  portable,
  seededKeys,
} from '../support/setting.ts';

/** The offset of the ephemeral key in an announcement, in bytes. */
const keyOffset = 39;

const announced = (publicKey: Uint8Array, suite: (typeof curveSuites)[number]) =>
  announcedKeyOf(publicKey, requireSuite(suite, 'invalid-argument'));

test.each(everyBackendAndCurve)(
  '$name, $suite: an announced key gives the same secret as the whole key',
  ({ backend, suite }) => {
    const own = seededKeys(suite, 'own');
    const party = backend.agreements[suite].load(own.privateKey, own.publicKey);
    // Twelve keys have both parities, except with a probability of 1 in 2,048.
    for (let n = 0; n < 12; n++) {
      const { publicKey } = seededKeys(suite, `peer ${n}`);
      expect(party.agree(announced(publicKey, suite))).toEqual(party.agree(publicKey));
      expect(outcomeOf(() => backend.agreements[suite].check(announced(publicKey, suite)))).toBe('none');
    }
  },
);

test.each(curveSuites)('%s: an announced key of another size is refused', (suite) => {
  const parameters = requireSuite(suite, 'invalid-argument');
  const key = announced(seededKeys(suite, 'own').publicKey, suite);
  expect(outcomeOf(() => requireAnnouncedKeyForm(key, parameters))).toBe('none');
  for (const other of [key.slice(0, -1), Uint8Array.of(...key, 0), new Uint8Array()]) {
    expect(thrownCode(() => requireAnnouncedKeyForm(other, parameters))).toBe('invalid-public-key');
  }
});

describe.each(['P-384', 'P-256'] as const)('%s', (suite) => {
  const { p, bytes } = fields[suite];
  const x = (value: bigint) => hex(value.toString(16).padStart(2 * bytes, '0'));

  test('both backends refuse the same X coordinates, which belong to no point', () => {
    const outcomes = Array.from({ length: 24 }, (_, n) => {
      const key = Uint8Array.of(2 + (n & 1), ...x(BigInt(n + 1)));
      const codes = [native, portable].map((backend) => outcomeOf(() => backend.agreements[suite].check(key)));
      expect(codes[0]).toBe(codes[1]);
      return codes[0];
    });
    expect(new Set(outcomes)).toEqual(new Set(['none', 'invalid-public-key']));
  });

  test.each(backends)('%s refuses a coordinate that is not below the prime', (_, backend) => {
    const own = seededKeys(suite);
    for (const key of [Uint8Array.of(2, ...x(p)), Uint8Array.of(3, ...x(p)), new Uint8Array(1 + bytes).fill(0xff, 1)]) {
      expect(thrownCode(() => backend.agreements[suite].check(key))).toBe('invalid-public-key');
      expect(thrownCode(() => backend.agreements[suite].load(own.privateKey, own.publicKey).agree(key))).toBe(
        'invalid-public-key',
      );
    }
  });

  test('an announcement with another form of the key, or with no point, is refused', () => {
    const alice = testUser('alice', suite);
    const first = createGroup([alice], suite);
    const [member] = founded([alice], first);
    const next = first.hub.rekey();
    const changed = (tag: number, coordinate: Uint8Array) => {
      const bytes = new Uint8Array(next.announcement);
      bytes.set([tag, ...coordinate], keyOffset);
      return bytes;
    };
    const codeOfApplied = (bytes: Uint8Array) => thrownCode(() => member?.apply(bytes, next.wraps[0]?.wrap));
    const coordinate = decodeAnnouncement(next.announcement).ephemeralKey.slice(1);
    for (const tag of [0, 1, 4, 5, 6, 7, 0x80]) {
      expect(thrownCode(() => decodeAnnouncement(changed(tag, coordinate)))).toBe('invalid-public-key');
      expect(codeOfApplied(changed(tag, coordinate))).toBe('invalid-public-key');
    }
    expect(codeOfApplied(changed(2, x(p)))).toBe('invalid-public-key');
    expect(member && after(member, next).key()).toEqual(next.hub.key());
  });
});

describe('X25519', () => {
  test.each(backends)('%s: the check refuses exactly the keys with which no secret can be agreed', (_, backend) => {
    const own = seededKeys('X25519');
    const { check, load } = backend.agreements.X25519;
    const party = load(own.privateKey, own.publicKey);
    const nearby = lowOrder
      .map(([, key]) => key)
      .flatMap((key) => [key, key.with(0, ((key[0] ?? 0) + 2) & 0xff), key.with(31, 0x3f)]);
    const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.oneof(anyKey, fc.constantFrom(...nearby)), (key) => {
        expect(outcomeOf(() => check(key))).toBe(outcomeOf(() => party.agree(key)));
      }),
      { numRuns: 150 },
    );
  });
});
