/** Fields put one after the other so that no two lists of fields give the same bytes. */
import { concatBytes } from '@noble/hashes/utils.js';

/** Each field as its length in bytes (32-bit big-endian) and its bytes. */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...fields.flatMap((field) => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, field.length);
      return [length, field];
    }),
  );
}
