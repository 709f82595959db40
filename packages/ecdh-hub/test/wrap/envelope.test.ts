/** The encoding of envelopes: strict, and frozen. */
import { createHash } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEnvelope, type Envelope, encodeEnvelope, getKeyFromHub, sendKeyToClient } from '../../src/index.ts';
import { hex, seededKeys, seededRandom, suites, toHex, utf8 } from '../support/setting.ts';

const key = new Uint8Array(32).map((_, i) => i);
const context = utf8('room 1, epoch 1');

const lengths = { 'P-384': 176, 'P-256': 144, X25519: 111, 'X-Wing': 1199 };

/** Computed once from the seed `hub` and kept. A change here is a change of the format and needs another version. */
const frozen = {
  'P-384': `0101200460f09029c9b2f1ca5d129770baec0492bf7417ccf69cd22d691ce53e7491b3700398f8013d96c31b47be4520
    93408b5de7e20c3c78a4e7d4ac56a4bd85f8e36e6c75e49465e5e739b160035dad8a64e79b4c5f04f1b94ef0883cae90
    7ec7dea560dffee22913b1b7e433037cb0e900b4225be2ac38374b4ee135b53202a4048ed46454dcc232a89782c56499
    636bb6dc44c15520ab0420d1b3bbff50adaffe57b8988aa13ec9da4f9f2198e7`,
  'P-256': `01022004464e50fc3a300ceabfe4fab717ed231606fdd491a304003cd97211dc8e75dfdbbaeab71f0f1e8f43a3c8ca9a
    0d11b95ee28035c5a0b6fc78428a6a59a0a54ea060dffee22913b1b7e433037cb0e900b4225be2ac38374b4ee135b532
    69a846e6d6e8e9153402ac0f497b4abc09d2ae768ec73c487120c78d1818ad57652e51c6ebcf277bdae5f8445db9d534`,
  X25519: `01032000d20d90e3fbf4d2d6b84e8afe14f81c519fd289e194543a647328a890061e5d60dffee22913b1b7e433037cb0
    e900b4225be2ac38374b4ee135b53250b3ef8ccb4b57efe52792f88b422200734efc123af25bb78123beb16a916222b4
    6190fcc35bde2cff63f22d06751ccd`,
};

/** SHA-256 of X-Wing's envelope. */
const frozenHashOfXWing = 'd1ddf34a9af22f9dcb73f63a138d3458a754c46a05b918f2bab9b9f613d1740c';

describe.each(suites)('%s', (suite) => {
  const keys = seededKeys(suite);
  const bytes = sendKeyToClient(keys.publicKey, key, context, { suite, random: seededRandom('hub') });
  const envelope = decodeEnvelope(bytes);

  test('an envelope has the frozen format', () => {
    if (suite === 'X-Wing') expect(createHash('sha256').update(bytes).digest('hex')).toBe(frozenHashOfXWing);
    else expect(bytes).toEqual(hex(frozen[suite]));
    expect(getKeyFromHub(keys, bytes, context)).toEqual(key);
  });

  test('an envelope has the documented length', () => {
    expect(bytes.length).toBe(lengths[suite]);
  });

  test('an envelope with any fields is equal after encoding and decoding', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.uint8Array({ minLength: 32, maxLength: 80 }),
        (salt, iv, ciphertext) => {
          const any: Envelope = { suite, publicKey: envelope.publicKey, salt, iv, ciphertext };
          expect(decodeEnvelope(encodeEnvelope(any))).toEqual(any);
        },
      ),
    );
  });

  test('an envelope that is cut or extended is refused', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(thrownCode(() => decodeEnvelope(bytes.subarray(0, length)))).toBe('invalid-envelope');
    }
    expect(thrownCode(() => decodeEnvelope(Uint8Array.of(...bytes, 0)))).toBe('invalid-envelope');
    expect(thrownCode(() => decodeEnvelope(Uint8Array.of(...bytes, ...bytes)))).toBe('invalid-envelope');
  });

  test('an envelope with another version, suite or key length is refused', () => {
    for (const offset of [0, 1, 2]) {
      for (let value = 0; value < 256; value++) {
        if (value === bytes[offset]) continue;
        const changed = new Uint8Array(bytes);
        changed[offset] = value;
        expect(thrownCode(() => decodeEnvelope(changed))).toBe('invalid-envelope');
      }
    }
  });

  test('an envelope with a key length out of range is refused, even if its size matches', () => {
    for (const keyBytes of [0, 15, 65]) {
      const changed = Uint8Array.of(...bytes.subarray(0, bytes.length - 48), ...new Uint8Array(keyBytes + 16));
      changed[2] = keyBytes;
      expect(thrownCode(() => decodeEnvelope(changed))).toBe('invalid-envelope');
    }
  });

  test('a decoded envelope shares no memory with its Buffer', () => {
    const wire = Buffer.from(bytes);
    const decoded = decodeEnvelope(wire);
    wire.fill(0);
    expect(decoded).toEqual(envelope);
    expect(decoded.salt.constructor).toBe(Uint8Array);
  });

  test('an Envelope with a field of the wrong size or type is refused', () => {
    const wrong: Partial<Record<keyof Envelope, unknown>>[] = [
      { salt: envelope.salt.subarray(1) },
      { iv: Uint8Array.of(...envelope.iv, 0) },
      { ciphertext: envelope.ciphertext.subarray(0, 31) },
      { ciphertext: new Uint8Array(81) },
      { salt: toHex(envelope.salt) },
      { iv: undefined },
      { suite: 'P-521' },
      { suite: 'constructor' },
    ];
    for (const fields of wrong) {
      const changed = { ...envelope, ...fields } as Envelope;
      expect(thrownCode(() => encodeEnvelope(changed))).toBe('invalid-envelope');
      expect(thrownCode(() => getKeyFromHub(keys, changed, context))).toBe('invalid-envelope');
    }
  });

  test('an Envelope with another suite’s name, or for another suite’s keys, is refused', () => {
    for (const other of suites.filter((name) => name !== suite)) {
      expect(thrownCode(() => encodeEnvelope({ ...envelope, suite: other }))).toBe('invalid-public-key');
      expect(thrownCode(() => getKeyFromHub(keys, { ...envelope, suite: other }, context))).toBe('invalid-public-key');
      expect(thrownCode(() => getKeyFromHub(seededKeys(other), bytes, context))).toBe('invalid-envelope');
    }
  });
});

test.each([[null], [undefined], [7], ['AQE'], [{}], [[1, 3, 32]]])('%j is not an envelope', (value) => {
  const unknown = value as unknown as Envelope;
  expect(thrownCode(() => getKeyFromHub(seededKeys('P-256'), unknown, context))).toBe('invalid-envelope');
  expect(thrownCode(() => decodeEnvelope(unknown as unknown as Uint8Array))).toBe('invalid-envelope');
});
