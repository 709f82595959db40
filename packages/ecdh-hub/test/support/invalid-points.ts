/** Invalid public keys: malformed, off the curve, of low order. */
import type { CurveSuite } from '../../src/suite.ts';
import { hex, seededKeys } from './setting.ts';

/** The fields of y^2 = x^3 - 3x + b over the integers modulo p (NIST SP 800-186, section 3.2.1). */
export const fields = {
  'P-384': { p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n, bytes: 48 },
  'P-256': { p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n, bytes: 32 },
} as const;

const bigEndian = (value: bigint, bytes: number) => hex(value.toString(16).padStart(2 * bytes, '0'));
const littleEndian = (value: bigint) => bigEndian(value, 32).reverse();

export function point(suite: keyof typeof fields, x: bigint, y: bigint): Uint8Array {
  const { bytes } = fields[suite];
  return Uint8Array.of(4, ...bigEndian(x, bytes), ...bigEndian(y, bytes));
}

function integer(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Returns the square root modulo p, for p = 3 modulo 4. */
export function modularRoot(square: bigint, p: bigint): bigint {
  let [root, base, exponent] = [1n, square, (p + 1n) / 4n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) root = (root * base) % p;
    base = (base * base) % p;
  }
  return root;
}

export const curveB = {
  'P-384': 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  'P-256': 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
} as const;

/** Returns keys that are refused by their form, before a backend sees them. */
export function malformed(suite: keyof typeof fields): [string, Uint8Array][] {
  const { bytes } = fields[suite];
  const good = seededKeys(suite).publicKey;
  const x = good.subarray(1, 1 + bytes);
  const parity = (good.at(-1) ?? 0) & 1;
  return [
    ['empty', new Uint8Array()],
    ['infinity, SEC 1 form', Uint8Array.of(0)],
    ['infinity, padded', new Uint8Array(good.length)],
    ['compressed', Uint8Array.of(2 + parity, ...x)],
    ['hybrid', Uint8Array.of(6 + parity, ...good.subarray(1))],
    ['one byte short', good.subarray(0, -1)],
    ['one byte long', Uint8Array.of(...good, 0)],
  ];
}

/** Returns keys of the right form that are not points of the curve. */
export function invalid(suite: keyof typeof fields): [string, Uint8Array][] {
  const { p, bytes } = fields[suite];
  const good = seededKeys(suite).publicKey;
  const x = integer(good.subarray(1, 1 + bytes));
  const y = integer(good.subarray(1 + bytes));
  // Both curves have a point with x = 0. x = p names the same point in a form that must be refused.
  const rootOfB = modularRoot(curveB[suite], p);
  return [
    ['zero coordinates', point(suite, 0n, 0n)],
    ['y + 1', point(suite, x, y + 1n)],
    ['x and y exchanged', point(suite, y, x)],
    ['x = p, a point once reduced', point(suite, p, rootOfB)],
    ['y = p', point(suite, x, p)],
    ['the largest coordinates', Uint8Array.of(4, ...new Uint8Array(2 * bytes).fill(0xff))],
  ];
}

/** All points of order 1, 2, 4 and 8 on the curve and on its twist, in each encoding: cr.yp.to/ecdh.html#validate. */
const p25519 = 2n ** 255n - 19n;
export const lowOrder = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  p25519 - 1n,
  p25519,
  p25519 + 1n,
].flatMap((u): [string, Uint8Array][] => [
  [`${u}`, littleEndian(u)],
  [`${u}, top bit set`, littleEndian(u + 2n ** 255n)],
]);

export const invalidPoints: [CurveSuite, string, Uint8Array][] = [
  ...invalid('P-384').map(([what, bytes]): [CurveSuite, string, Uint8Array] => ['P-384', what, bytes]),
  ...invalid('P-256').map(([what, bytes]): [CurveSuite, string, Uint8Array] => ['P-256', what, bytes]),
  ...lowOrder.map(([what, bytes]): [CurveSuite, string, Uint8Array] => ['X25519', what, bytes]),
];
