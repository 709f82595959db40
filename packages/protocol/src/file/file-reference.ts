/** What a message says of a file: where its ciphertext is, the key, and what its receivers see of it before they fetch it. */
import { fromBase64url, fromHex, hexOf, toBase64url, utf8 } from '../bytes.ts';
import { limits } from '../limits.ts';

/** A file that a member has sent. */
export interface FileReference {
  /** The id of the blob with the ciphertext: 32 hexadecimal digits. */
  readonly blob: string;
  /** The key of the ciphertext, 32 bytes in base64url. */
  readonly key: string;
  /** SHA-256 of the ciphertext in hexadecimal. */
  readonly hash: string;
  /** Size of the file in bytes. */
  readonly size: number;
  /** The name, as its author has it: without a folder, and not safe to be shown or to be the name of a file. */
  readonly name: string;
  /** The media type, by the author's word. */
  readonly type: string;
}

/** The form of the ciphertext: a Fernet stream of the padded file. */
const format = 1;
const fixedBytes = 1 + 16 + 32 + 32 + 6;
const uint32 = 2 ** 32;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
/** Control characters and what separates folders on any system. */
const forbiddenInNames = /[\p{Cc}/\\]/u;

/** Returns whether a text may be the name of a file in a message. */
export function isFileName(name: string): boolean {
  const { length } = utf8(name);
  if (length === 0 || length > limits.fileNameBytes || !name.isWellFormed()) return false;
  return name !== '.' && name !== '..' && !forbiddenInNames.test(name);
}

/** Returns whether a text is a media type, in lower case and without parameters. */
export const isMediaType = (type: string): boolean => type.length <= limits.mediaTypeBytes && mediaType.test(type);

const isSize = (size: number): boolean => Number.isInteger(size) && size >= 0 && size <= limits.fileBytes;

/** Encodes a reference. */
export function encodeFileReference({ blob, key, hash, size, name, type }: FileReference): Uint8Array {
  const [nameBytes, typeBytes] = [utf8(name), utf8(type)];
  const bytes = new Uint8Array(fixedBytes + 1 + nameBytes.length + 1 + typeBytes.length);
  bytes[0] = format;
  bytes.set(fromHex(blob), 1);
  bytes.set(fromBase64url(key), 17);
  bytes.set(fromHex(hash), 49);
  const view = new DataView(bytes.buffer);
  view.setUint16(81, Math.floor(size / uint32));
  view.setUint32(83, size % uint32);
  let at = fixedBytes;
  for (const part of [nameBytes, typeBytes]) {
    bytes[at] = part.length;
    bytes.set(part, at + 1);
    at += 1 + part.length;
  }
  return bytes;
}

/** Decodes the reference with which these bytes begin, and returns what follows it; null if they begin with none. */
export function decodeFileReference(
  bytes: Uint8Array,
): { readonly file: FileReference; readonly rest: Uint8Array } | null {
  if (bytes[0] !== format) return null;
  const nameEnd = fixedBytes + 1 + (bytes[fixedBytes] ?? 0);
  const typeEnd = nameEnd + 1 + (bytes[nameEnd] ?? 0);
  if (bytes.length < typeEnd) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const file = {
      blob: hexOf(bytes, 1, 17),
      key: toBase64url(bytes.subarray(17, 49)),
      hash: hexOf(bytes, 49, 81),
      size: view.getUint16(81) * uint32 + view.getUint32(83),
      name: strict.decode(bytes.subarray(fixedBytes + 1, nameEnd)),
      type: strict.decode(bytes.subarray(nameEnd + 1, typeEnd)),
    };
    const isValid = isSize(file.size) && isFileName(file.name) && isMediaType(file.type);
    return isValid ? { file, rest: bytes.subarray(typeEnd) } : null;
  } catch {
    return null;
  }
}
