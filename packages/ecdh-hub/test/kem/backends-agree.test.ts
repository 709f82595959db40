/** Key encapsulation: both backends compute the same, from the same random bytes and from each other's encapsulations. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kemOf } from '../../src/kem/kem-of.ts';
import { drawPrivateKey } from '../../src/keys/private-key.ts';
import { secureRandom } from '../../src/random.ts';
import { requireSuite } from '../../src/suite.ts';
import { crossings, native, portable, seededRandom, suites } from '../support/setting.ts';

/** Cases of X-Wing: many in the full run, because its backends share the least code. Its larger part, ML-KEM, has 10,000 vectors more. */
const casesOfXWing = process.env['CHAT_TEST'] === 'full' ? 2_000 : 40;

test.each(suites)('%s: both make the same encapsulation and secret of the same random bytes', (name) => {
  const suite = requireSuite(name, 'invalid-argument');
  const [one, two] = [kemOf(native, suite), kemOf(portable, suite)];
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (seed) => {
      const { publicKey } = one.derive(drawPrivateKey(suite, seededRandom(`own ${seed}`)));
      const made = one.encapsulate(publicKey, { random: seededRandom(seed) });
      expect(two.encapsulate(publicKey, { random: seededRandom(seed) })).toEqual(made);
    }),
    { numRuns: 10 },
  );
});

test.each(suites)('%s: both make the same keys, and each opens what the other one made', (name) => {
  const suite = requireSuite(name, 'invalid-argument');
  const [one, two] = [kemOf(native, suite), kemOf(portable, suite)];
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (seed) => {
      const privateKey = drawPrivateKey(suite, seededRandom(seed));
      const [ownOne, ownTwo] = [one.derive(privateKey), two.derive(privateKey)];
      expect(ownOne.publicKey).toEqual(ownTwo.publicKey);

      const [made, other] = [one, two].map((kem) => kem.encapsulate(ownOne.publicKey, { random: secureRandom }));
      expect(made && ownTwo.decapsulate(made.encapsulation)).toEqual(made?.sharedSecret);
      expect(other && ownOne.decapsulate(other.encapsulation)).toEqual(other?.sharedSecret);
    }),
    { numRuns: name === 'X-Wing' ? casesOfXWing : 10 },
  );
});

test('both decapsulate a forged encapsulation of X-Wing to the same secret', () => {
  const suite = requireSuite('X-Wing', 'invalid-argument');
  const privateKey = drawPrivateKey(suite, seededRandom('own'));
  const [one, two] = [native, portable].map((backend) => kemOf(backend, suite).derive(privateKey));
  const bytes = fc.uint8Array({ minLength: suite.encapsulationBytes, maxLength: suite.encapsulationBytes });
  fc.assert(
    fc.property(bytes, (forged) => {
      // A point of low order is refused, and no arbitrary string is one.
      forged.fill(9, -32);
      expect(one?.decapsulate(forged)).toEqual(two?.decapsulate(forged));
    }),
    { numRuns: casesOfXWing / 10 },
  );
});

describe.each(crossings)('$writerName encapsulates, $readerName decapsulates', ({ writer, reader }) => {
  test.each(suites)('%s: with the documented sizes, in arrays that share no memory', (name) => {
    const suite = requireSuite(name, 'invalid-argument');
    const own = kemOf(reader, suite).derive(drawPrivateKey(suite, seededRandom('own')));
    for (const random of [secureRandom, seededRandom('hub')]) {
      const { encapsulation, sharedSecret } = kemOf(writer, suite).encapsulate(own.publicKey, { random });
      const decapsulated = own.decapsulate(encapsulation);
      expect(decapsulated).toEqual(sharedSecret);
      expect([encapsulation.length, sharedSecret.length]).toEqual([suite.encapsulationBytes, suite.sharedSecretBytes]);
      for (const bytes of [own.publicKey, encapsulation, sharedSecret, decapsulated]) {
        expect(bytes.constructor).toBe(Uint8Array);
        expect(bytes.buffer.byteLength).toBe(bytes.length);
      }
    }
  });
});
