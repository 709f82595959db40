/**
 * Signatures that other software made, and signatures with numbers at the edges of their range, which the test constructs: both
 * backends agree on each of them.
 */
import { createHash } from 'node:crypto';
import { p256 as nobleP256, p384 as nobleP384 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { Curve } from '../../src/index.ts';
import { curves, pairOf, type TestCurve } from '../support/curves.ts';
import { engines, native, portable } from '../support/engine.ts';
import { bytes, derSignature, toBytes, toNumber } from '../support/inputs.ts';

interface KnownKey {
  readonly scalar: bigint;
  readonly x: bigint;
  readonly y: bigint;
  /** Signatures with SHA-256, by the text that is signed. */
  readonly signatures: readonly [text: string, r: bigint, s: bigint][];
}

/** RFC 6979, appendices A.2.6 and A.2.5. */
const known: Readonly<Record<Curve, KnownKey>> = {
  'P-384': {
    scalar: 0x6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5n,
    x: 0xec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13n,
    y: 0x8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720n,
    signatures: [
      [
        'sample',
        0x21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cdn,
        0xf3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0n,
      ],
      [
        'test',
        0x6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559f918eedaf2293be5b475cc8f0188636bn,
        0x2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c8ba6baeb4b53b47d51ab373f9845c0514eefb14024787265n,
      ],
    ],
  },
  'P-256': {
    scalar: 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
    x: 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6n,
    y: 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299n,
    signatures: [
      [
        'sample',
        0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
        0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
      ],
      [
        'test',
        0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367n,
        0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083n,
      ],
    ],
  },
};

const points = { 'P-384': nobleP384.Point, 'P-256': nobleP256.Point };
const message = bytes('edge');
const hash = toNumber(createHash('sha256').update(message).digest());

/** Returns the key under which r = x(k·G) and s are a signature of `message`: its private scalar is (s·k - hash) / r. */
function keyFor(curve: TestCurve, k: bigint, s: bigint) {
  const { Fn, BASE } = points[curve.name];
  const r = Fn.create(BASE.multiply(k).x);
  const scalar = Fn.div(Fn.create(s * k - hash), r);
  return { r, publicKey: encodeSpki(pairOf(curve, scalar)) };
}

describe.each(curves)('$name', (curve) => {
  const { name, options, order, prime, scalarBytes } = curve;
  const { scalar, x, y, signatures } = known[name];
  const half = (order - 1n) / 2n;
  const { Fn, BASE } = points[name];

  /** Returns what both backends say of a signature of `message`, with either s and with the low s only. They must agree. */
  function judged(publicKey: Uint8Array, signature: Uint8Array) {
    const [ours, theirs] = [native, portable].map((engine) => ({
      valid: engine.verifySignature(publicKey, signature, message, 'der', options),
      isLow: engine.isLowS(signature, 'der', options),
    }));
    expect(ours).toEqual(theirs);
    return ours;
  }

  describe.each(engines)('%s', (_name, engine) => {
    test('computes the public key of the RFC from the private one', () => {
      const pair = pairOf(curve, scalar);
      expect(engine.backend.publicPoint(pair.scalar, curve.parameters)).toEqual(pair.point);
      expect(pair.point).toEqual(Uint8Array.of(4, ...toBytes(x, scalarBytes), ...toBytes(y, scalarBytes)));
    });

    test.each(signatures)('verifies the signature of the RFC of "%s"', (text, r, s) => {
      const spki = encodeSpki(pairOf(curve, scalar));
      const accepts = (signature: Uint8Array, data = text) =>
        engine.verifySignature(spki, signature, data, 'der', options);
      expect(accepts(derSignature(r, s))).toBe(true);
      expect(accepts(derSignature(r, order - s))).toBe(true);
      expect(accepts(derSignature(r, s), `${text}.`)).toBe(false);
      expect(engine.toLowS(derSignature(r, s), 'der', options)).toEqual(derSignature(r, s <= half ? s : order - s));
    });
  });

  test.each<[string, (k: bigint) => bigint]>([
    ['1', () => 1n],
    ['2', () => 2n],
    ['(n - 1) / 2, the highest low s', () => half],
    ['(n + 1) / 2, the lowest high s', () => half + 1n],
    ['n - 2', () => order - 2n],
    ['n - 1', () => order - 1n],
    ['the hash, so that u1 is 1', () => Fn.create(hash)],
    ['n - hash, so that u1 is -1', () => Fn.create(-hash)],
    ['2·hash / k, so that u1·G and u2·Q are one point', (k) => Fn.div(2n * hash, k)],
  ])('a valid signature whose s is %s is accepted, and is low up to (n - 1) / 2', (_what, sFor) => {
    for (const k of [2n, 3n, half]) {
      const s = sFor(k);
      const { r, publicKey } = keyFor(curve, k, s);
      expect(judged(publicKey, derSignature(r, s))).toEqual({ valid: true, isLow: s <= half });
      expect(judged(publicKey, derSignature(r, order - s))).toEqual({ valid: true, isLow: s > half });
    }
  });

  test('of a valid signature with any numbers, no other r and no other s is valid but n - s', () => {
    const some = fc.bigInt({ min: 1n, max: order - 1n });
    fc.assert(
      fc.property(some, some, some, (k, s, other) => {
        const { r, publicKey } = keyFor(curve, k, s);
        expect(judged(publicKey, derSignature(r, s))).toEqual({ valid: true, isLow: s <= half });
        if (other === s || other === order - s || other === r) return;
        expect(judged(publicKey, derSignature(r, other))?.valid).toBe(false);
        expect(judged(publicKey, derSignature(other, s))?.valid).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  /** Returns a point with this x; `null` if there is none, as for half of all x. */
  function pointAt(x: bigint) {
    try {
      return points[name].fromBytes(Uint8Array.of(2, ...toBytes(x, scalarBytes)));
    } catch {
      return null;
    }
  }

  test('a valid signature whose point has an x above n is accepted: r is x - n, and x itself is out of range', () => {
    let r = 1n;
    while (pointAt(order + r) === null) r++;
    expect(order + r).toBeLessThan(prime);
    const point = pointAt(order + r) ?? BASE;
    // Q = (s·R - hash·G) / r.
    const s = 3n;
    const key = point
      .multiply(s)
      .subtract(BASE.multiply(Fn.create(hash)))
      .multiply(Fn.inv(r));
    const publicKey = encodeSpki({ curve: curve.parameters, point: key.toBytes(false) });
    expect(judged(publicKey, derSignature(r, s))).toEqual({ valid: true, isLow: true });
    expect(judged(publicKey, derSignature(r + order, s))).toEqual({ valid: false, isLow: false });
  });

  test('a signature whose point is the one at infinity is refused: r is -hash / d', () => {
    for (const d of [1n, 2n, scalar]) {
      const publicKey = encodeSpki(pairOf(curve, d));
      const r = Fn.div(Fn.create(-hash), d);
      for (const s of [1n, r, half]) {
        expect(judged(publicKey, derSignature(r, s))).toEqual({ valid: false, isLow: s <= half });
      }
    }
  });
});
