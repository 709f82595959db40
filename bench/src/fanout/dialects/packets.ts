/** Splits the bytes of a connection into packets whose length stands at their beginning. */

/**
 * Returns a function for the parts of a connection that calls `handle` for each complete packet.
 *
 * @param lengthAt returns the length of the packet that begins at an offset, in bytes; null when more bytes are needed for it
 */
export function packets(
  lengthAt: (bytes: Buffer, offset: number) => number | null,
  handle: (packet: Buffer) => void,
): (bytes: Buffer) => void {
  let rest: Buffer | null = null;
  return (bytes) => {
    const all = rest === null ? bytes : Buffer.concat([rest, bytes]);
    let offset = 0;
    while (offset < all.length) {
      const length = lengthAt(all, offset);
      if (length === null || offset + length > all.length) break;
      handle(all.subarray(offset, offset + length));
      offset += length;
    }
    rest = offset === all.length ? null : Buffer.from(all.subarray(offset));
  };
}
