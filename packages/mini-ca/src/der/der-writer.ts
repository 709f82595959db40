/** Writes DER (X.690), value by value. */

/** The tags of the universal types. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Returns the context tag `[number]` of a primitive value (IMPLICIT of a string or number). */
export function contextTag(number: number): number {
  return 0x80 | number;
}

/** Returns the context tag `[number]` of a constructed value (EXPLICIT, or IMPLICIT of a sequence or choice). */
export function constructedContextTag(number: number): number {
  return 0xa0 | number;
}

/** Encodes one value: the tag, the shortest form of the length, and the parts one after the other. */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, { length: bytes }) => sum + bytes, 0);
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), ...parts]);
  const size = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
  const head = Buffer.alloc(2 + size);
  head[0] = tag;
  head[1] = 0x80 | size;
  head.writeUIntBE(length, 2, size);
  return Buffer.concat([head, ...parts]);
}

/** Encodes a SEQUENCE of values that are DER already. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return derValue(derTag.sequence, ...parts);
}

/** Encodes a non-negative INTEGER. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // The first bit is the sign.
  return derValue(derTag.integer, ...((bytes[0] ?? 0) < 0x80 ? [bytes] : [Buffer.of(0), bytes]));
}

/** The BOOLEAN that is true. */
export const derTrue: Uint8Array = derValue(derTag.boolean, Buffer.of(0xff));

/** Encodes an OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return derValue(derTag.octetString, bytes);
}

/** Encodes a BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return derValue(derTag.bitString, Buffer.of(0), bytes);
}
