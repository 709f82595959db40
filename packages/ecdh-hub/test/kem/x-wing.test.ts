/** X-Wing against the vectors of its draft, and the keys and encapsulations that it refuses. */
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kemOf } from '../../src/kem/kem-of.ts';
import { secureRandom } from '../../src/random.ts';
import { requireSuite } from '../../src/suite.ts';
import { lowOrder } from '../support/invalid-points.ts';
import { backends, flipBit, hex, outcomeOf, seededKeys, seededRandom } from '../support/setting.ts';
import vectors from '../support/x-wing-vectors.json' with { type: 'json' };

const suite = requireSuite('X-Wing', 'invalid-argument');
const keyOfX25519At = 1184;
const ephemeralKeyAt = 1088;

/** Returns a copy in which other bytes stand from an offset on. */
function withBytes(bytes: Uint8Array, at: number, others: Uint8Array): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed.set(others, at);
  return changed;
}

/** Returns a copy in which one of the 768 coefficients of ML-KEM's public key is another number of 12 bits. */
function withCoefficient(publicKey: Uint8Array, index: number, value: number): Uint8Array {
  const at = (index >> 1) * 3;
  const [a = 0, b = 0, c = 0] = publicKey.subarray(at, at + 3);
  const three =
    index % 2 === 0 ? [value & 0xff, (b & 0xf0) | (value >> 8), c] : [a, (b & 0x0f) | ((value & 15) << 4), value >> 4];
  return withBytes(publicKey, at, Uint8Array.from(three));
}

describe.each(backends)('%s backend', (_, backend) => {
  const kem = kemOf(backend, suite);
  const keys = seededKeys('X-Wing');
  const encapsulate = (publicKey: Uint8Array, seed = 'hub') =>
    kem.encapsulate(publicKey, { random: seededRandom(seed) });

  test.each(vectors)('matches draft-connolly-cfrg-xwing-kem-10, appendix C: $seed', (vector) => {
    const own = kem.derive(hex(vector.seed));
    expect(own.publicKey).toEqual(hex(vector.publicKey));
    const encapsulated = kem.encapsulate(own.publicKey, { random: () => hex(vector.eseed) });
    expect(encapsulated.encapsulation).toEqual(hex(vector.encapsulation));
    expect(encapsulated.sharedSecret).toEqual(hex(vector.sharedSecret));
    expect(own.decapsulate(hex(vector.encapsulation))).toEqual(hex(vector.sharedSecret));
  });

  test('draws 64 bytes, which determine an encapsulation', () => {
    const sizes: number[] = [];
    const random = seededRandom('hub');
    const counted = (bytes: number) => {
      sizes.push(bytes);
      return random(bytes);
    };
    expect(kem.encapsulate(keys.publicKey, { random: counted })).toEqual(encapsulate(keys.publicKey));
    expect(sizes).toEqual([64]);
  });

  test('with the platform’s generator, no two encapsulations are equal, and each opens', () => {
    const own = kem.load(keys.privateKey, keys.publicKey);
    const owner = Object.freeze({});
    const made = [1, 2, 3].map(() => kem.encapsulate(keys.publicKey, { random: secureRandom, owner }));
    for (const { encapsulation, sharedSecret } of made) expect(own.decapsulate(encapsulation)).toEqual(sharedSecret);
    for (const from of [0, ephemeralKeyAt]) {
      expect(new Set(made.map(({ encapsulation }) => `${encapsulation.subarray(from, from + 32)}`)).size).toBe(3);
    }
  });

  test('the private key may be any 32 bytes, and may be wiped after the last use only', () => {
    const seed = new Uint8Array(32);
    const own = kem.derive(seed);
    const { encapsulation, sharedSecret } = encapsulate(own.publicKey);
    expect(own.decapsulate(encapsulation)).toEqual(sharedSecret);
    expect(own.decapsulate(encapsulation)).toEqual(sharedSecret);
    expect(seed).toEqual(new Uint8Array(32));
  });

  test('another key pair computes another secret, and no error', () => {
    const { encapsulation, sharedSecret } = encapsulate(keys.publicKey);
    const other = seededKeys('X-Wing', 'other');
    const wrong = kem.load(other.privateKey, other.publicKey).decapsulate(encapsulation);
    expect(wrong).toHaveLength(32);
    expect(wrong).not.toEqual(sharedSecret);
  });

  test('an encapsulation with any changed bit gives another secret, and the same one each time', () => {
    const own = kem.load(keys.privateKey, keys.publicKey);
    const { encapsulation, sharedSecret } = encapsulate(keys.publicKey);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: encapsulation.length * 8 - 1 }), (bit) => {
        const changed = flipBit(encapsulation, bit);
        expect(own.decapsulate(changed)).not.toEqual(sharedSecret);
        expect(own.decapsulate(changed)).toEqual(own.decapsulate(changed));
      }),
      { numRuns: 30, examples: [[0], [8 * ephemeralKeyAt - 1], [8 * ephemeralKeyAt], [8 * encapsulation.length - 8]] },
    );
  });

  test('a key with a coefficient of 3329 or more is refused (FIPS 203, section 7.2)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 767 }), fc.integer({ min: 3329, max: 4095 }), (index, value) => {
        const changed = withCoefficient(keys.publicKey, index, value);
        expect(thrownCode(() => kem.check(changed))).toBe('invalid-public-key');
        expect(thrownCode(() => encapsulate(changed))).toBe('invalid-public-key');
        expect(thrownCode(() => kem.encapsulate(changed, { random: secureRandom }))).toBe('invalid-public-key');
        const options = { message: null, owner: undefined };
        const ofMlKem = changed.subarray(0, keyOfX25519At);
        expect(thrownCode(() => backend.mlKem.encapsulate(ofMlKem, options))).toBe('invalid-public-key');
      }),
      {
        numRuns: 30,
        examples: [
          [0, 3329],
          [1, 3329],
          [766, 4095],
          [767, 4095],
        ],
      },
    );
  });

  test('a key with a coefficient of 3328 is accepted', () => {
    for (const index of [0, 1, 767]) {
      const changed = withCoefficient(keys.publicKey, index, 3328);
      expect(outcomeOf(() => kem.check(changed))).toBe('none');
      expect(outcomeOf(() => encapsulate(changed))).toBe('none');
      expect(outcomeOf(() => kem.encapsulate(changed, { random: secureRandom }))).toBe('none');
    }
  });

  test.each(lowOrder)('a key or an encapsulation whose X25519 part is of low order is refused: %s', (_, point) => {
    const weak = withBytes(keys.publicKey, keyOfX25519At, point);
    expect(thrownCode(() => kem.check(weak))).toBe('invalid-public-key');
    expect(thrownCode(() => encapsulate(weak))).toBe('invalid-public-key');
    const { encapsulation } = encapsulate(keys.publicKey);
    const own = kem.load(keys.privateKey, keys.publicKey);
    expect(thrownCode(() => own.decapsulate(withBytes(encapsulation, ephemeralKeyAt, point)))).toBe(
      'invalid-public-key',
    );
  });
});
