/** The sizes of files: padded, so that the server learns little of them, and encrypted. */

const smallestPaddedBytes = 4096;
/** Of a Fernet stream (packages/fernet/FORMAT.md): the header, the data of a chunk, and what each chunk has besides. */
const headerBytes = 40;
const chunkDataBytes = 65_536;
const chunkOverheadBytes = 57;
const aesBlockBytes = 16;

/**
 * Returns the size to which a file is padded before it is encrypted, in bytes: at least 4 KiB, else as Padmé, which keeps the first bits of the
 * size (about as many as the number of its digits has) and rounds up. It adds at most 12 %, and 3 % to a large file.
 */
export function paddedFileBytes(size: number): number {
  if (size <= smallestPaddedBytes) return smallestPaddedBytes;
  const exponent = Math.floor(Math.log2(size));
  const unit = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
  return Math.ceil(size / unit) * unit;
}

/** Returns the size of the ciphertext of a file, in bytes. */
export function blobBytesOf(size: number): number {
  const padded = paddedFileBytes(size);
  const last = padded % chunkDataBytes;
  const lastPadded = last - (last % aesBlockBytes) + aesBlockBytes;
  const fullChunk = chunkDataBytes + aesBlockBytes + chunkOverheadBytes;
  return headerBytes + Math.floor(padded / chunkDataBytes) * fullChunk + chunkOverheadBytes + lastPadded;
}
