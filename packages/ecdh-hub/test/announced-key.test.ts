/** The ephemeral key as it is announced: compressed, and as good as the key that it stands for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcedKey } from '../src/group/announced-key.ts';
import { decodeAnnouncement } from '../src/index.ts';
import { suiteNamed } from '../src/keys/suite.ts';
import { after, createGroup, founded, person } from './group-setting.ts';
import { fields, lowOrder } from './invalid-points.ts';
import { backends, codeOf, everyBackendAndSuite, hex, native, portable, seededKeys, type suites } from './setting.ts';

/** Where the ephemeral key begins in an announcement, in bytes. */
const OFFSET = 39;

const announced = (publicKey: Uint8Array, suite: (typeof suites)[number]) =>
  announcedKey(publicKey, suiteNamed(suite, 'invalid-argument'));

test.each(everyBackendAndSuite)('$name, $suite: gives the same secret as the whole key', ({ backend, suite }) => {
  const own = seededKeys(suite, 'own');
  const party = backend.agreements[suite].load(own.privateKey, own.publicKey);
  // Of both parities, with all but certainty.
  for (let n = 0; n < 12; n++) {
    const { publicKey } = seededKeys(suite, `peer ${n}`);
    expect(party.agree(announced(publicKey, suite))).toEqual(party.agree(publicKey));
    expect(codeOf(() => backend.agreements[suite].check(announced(publicKey, suite)))).toBe('none');
  }
});

describe.each(['P-384', 'P-256'] as const)('%s', (suite) => {
  const { p, bytes } = fields[suite];
  const x = (value: bigint) => hex(value.toString(16).padStart(2 * bytes, '0'));

  test('half of all X coordinates are on no point, and both backends know which', () => {
    const outcomes = Array.from({ length: 24 }, (_, n) => {
      const key = Uint8Array.of(2 + (n & 1), ...x(BigInt(n + 1)));
      const codes = [native, portable].map((backend) => codeOf(() => backend.agreements[suite].check(key)));
      expect(codes[0]).toBe(codes[1]);
      return codes[0];
    });
    expect(new Set(outcomes)).toEqual(new Set(['none', 'invalid-public-key']));
  });

  test.each(backends)('a coordinate that is not below the prime is refused: %s', (_, backend) => {
    const own = seededKeys(suite);
    for (const key of [Uint8Array.of(2, ...x(p)), Uint8Array.of(3, ...x(p)), new Uint8Array(1 + bytes).fill(0xff, 1)]) {
      expect(codeOf(() => backend.agreements[suite].check(key))).toBe('invalid-public-key');
      expect(codeOf(() => backend.agreements[suite].load(own.privateKey, own.publicKey).agree(key))).toBe(
        'invalid-public-key',
      );
    }
  });

  test('an announcement with any other form of the key, or with no point, is refused', () => {
    const alice = person('alice', suite);
    const first = createGroup([alice], suite);
    const [member] = founded([alice], first);
    const next = first.hub.rekey();
    const changed = (tag: number, coordinate: Uint8Array) => {
      const bytes = new Uint8Array(next.announcement);
      bytes.set([tag, ...coordinate], OFFSET);
      return bytes;
    };
    const codeOfApplied = (bytes: Uint8Array) => codeOf(() => member?.apply(bytes, next.wraps[0]?.wrap));
    const coordinate = decodeAnnouncement(next.announcement).ephemeralKey.slice(1);
    for (const tag of [0, 1, 4, 5, 6, 7, 0x80]) {
      expect(codeOf(() => decodeAnnouncement(changed(tag, coordinate)))).toBe('invalid-public-key');
      expect(codeOfApplied(changed(tag, coordinate))).toBe('invalid-public-key');
    }
    expect(codeOfApplied(changed(2, x(p)))).toBe('invalid-public-key');
    expect(member && after(member, next).key()).toEqual(next.hub.key());
  });
});

describe('X25519', () => {
  test.each(backends)('%s: what the check refuses is what no secret can be agreed with', (_, backend) => {
    const own = seededKeys('X25519');
    const { check, load } = backend.agreements.X25519;
    const party = load(own.privateKey, own.publicKey);
    const nearby = lowOrder
      .map(([, key]) => key)
      .flatMap((key) => [key, key.with(0, ((key[0] ?? 0) + 2) & 0xff), key.with(31, 0x3f)]);
    const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.oneof(anyKey, fc.constantFrom(...nearby)), (key) => {
        expect(codeOf(() => check(key))).toBe(codeOf(() => party.agree(key)));
      }),
      { numRuns: 150 },
    );
  });
});
