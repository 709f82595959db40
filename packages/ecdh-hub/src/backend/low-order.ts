/**
 * The points of X25519 that make every shared secret all zero (RFC 7748, section 6.1): those of order 1, 2, 4 and 8 on the
 * curve and on its twist. There are five points; two have a second encoding; in each encoding the ignored top bit is set or
 * not. A comparison finds them at a hundredth of the cost of an agreement. All of these values are public.
 */
import { HubError } from '../errors.ts';

/** Little-endian, without the top bit. */
const points: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  // p - 1, then p and p + 1, which are second encodings of 0 and 1.
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));

const lastIndex = 31;

/**
 * Refuses a point of low order. Every other string of 32 bytes is a public key.
 *
 * @throws HubError `invalid-public-key`
 */
export function refuseLowOrder(publicKey: Uint8Array): void {
  const isAt = (point: Uint8Array) =>
    point.every((byte, i) => byte === (i === lastIndex ? (publicKey[i] ?? 0) & 0x7f : publicKey[i]));
  if (points.some(isAt)) throw new HubError('invalid-public-key', 'this X25519 key is a point of low order');
}
