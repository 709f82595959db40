/** The second ECDSA signature that follows from a first one without the key. */

/** The order n of P-384. */
const order = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

function toInteger(number: bigint): Uint8Array {
  const hex = number.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const content = (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.of(0), digits]);
  return Buffer.concat([Buffer.of(2, content.length), content]);
}

/** Returns (r, n - s) for the P-384 signature (r, s) in DER: valid for the same data and key, with s in the other half. */
export function otherSignature(signature: Uint8Array): Uint8Array {
  const rEnd = 4 + (signature[3] ?? 0);
  const r = signature.subarray(2, rEnd);
  const s = order - toNumber(signature.subarray(rEnd + 2));
  const integers = Buffer.concat([r, toInteger(s)]);
  return Uint8Array.of(0x30, integers.length, ...integers);
}
