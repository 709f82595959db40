/** Fields put one after the other so that no two lists of fields give the same bytes. */

const prefixBytes = 4;

/** Each field as its length in bytes (32-bit big-endian) and its bytes. */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + prefixBytes + field.length, 0));
  const view = new DataView(bytes.buffer);
  let end = 0;
  for (const field of fields) {
    view.setUint32(end, field.length);
    bytes.set(field, end + prefixBytes);
    end += prefixBytes + field.length;
  }
  return bytes;
}
