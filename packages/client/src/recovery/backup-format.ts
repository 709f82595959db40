/**
 * The form of a backup (docs/protocol.md, section "Recovery"): encrypted chunks, an index that names them, and a head that names the chunks
 * of the index. The server sees names that only the owner can compute, and sizes.
 */
import { fromBase64url, toBase64url, userName, utf8 } from '@chat/protocol';
import { z } from 'zod';

/** Encrypts what a backup has under the keys of one recovery phrase. `createBackupCipher` makes it. */
export interface BackupCipher {
  /** Returns the name of a chunk: a keyed hash of 32 bytes, of what the chunk has or of where it belongs. */
  nameOf(what: Uint8Array): Uint8Array;
  /** Encrypts bytes. What is sealed in one context opens in no other one. */
  seal(bytes: Uint8Array, context: Uint8Array): Uint8Array;
  /** Decrypts bytes; null for what was not sealed with this key in this context. */
  open(sealed: Uint8Array, context: Uint8Array): Uint8Array | null;
}

/** Bytes of a chunk before it is encrypted. */
export const chunkBytes = 60 * 1024;

const count = z.int().min(0);
const names = z.array(z.base64url());

/** A part of the profile's state, in chunks that are named for what they have: an unchanged one is there already. */
const stateItem = z.strictObject({ name: z.string(), bytes: count, chunks: names });
/** A file with messages, as it stands on the disk. It never changes, so its chunks are named for their places in it. */
const fileItem = z.strictObject({ file: z.string().regex(/^[0-9a-f]{32}$/), bytes: count });

const index = z.strictObject({
  items: z.array(stateItem),
  files: z.array(fileItem),
  left: z.strictObject({ files: count, bytes: count }),
});
/** What a backup has, and where. */
export type BackupIndex = z.infer<typeof index>;
/** A file of a backup. */
export type BackupFile = z.infer<typeof fileItem>;

const head = z.strictObject({
  v: z.literal(1),
  serverId: z.string(),
  user: userName,
  number: z.int().min(1),
  /** When the backup was made, by its owner's clock. */
  at: count,
  /** SHA-256 of the encrypted head before, in hex; null for the first one of a phrase. */
  previous: z.string().nullable(),
  /** The private half of the identity key: PKCS #8 in base64url. */
  identity: z.string(),
  /** When the recovery phrase was made, by its owner's clock. */
  madeAt: count,
  /** Size of the index, and the names of its chunks. */
  index: z.strictObject({ bytes: count, chunks: names }),
});
/** The head of a backup. */
export type BackupHead = z.infer<typeof head>;

/** For whom a head is: it opens for no other user and no other number. */
export interface HeadPlace {
  /** Fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly user: string;
  readonly number: number;
}

const headContext = ({ serverId, user, number }: HeadPlace): Uint8Array =>
  utf8(JSON.stringify({ backup: 1, serverId, user, number }));

const encode = (value: object): Uint8Array => utf8(JSON.stringify(value));

function decode<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | null {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

/** Encrypts a head. */
export const sealHead = (cipher: BackupCipher, value: BackupHead): Uint8Array =>
  cipher.seal(encode(value), headContext(value));

/** Opens a head; null for one of another key, user, server or number, and for one that was altered. */
export function openHead(cipher: BackupCipher, sealed: Uint8Array, place: HeadPlace): BackupHead | null {
  const bytes = cipher.open(sealed, headContext(place));
  const opened = bytes === null ? null : decode(head, bytes);
  const isOfPlace = opened?.serverId === place.serverId && opened.user === place.user && opened.number === place.number;
  return isOfPlace ? opened : null;
}

/** Returns the bytes of an index. */
export const encodeIndex = (value: BackupIndex): Uint8Array => encode(value);

/** Reads an index; null for what is none. */
export const decodeIndex = (bytes: Uint8Array): BackupIndex | null => decode(index, bytes);

/** Divides bytes into pieces of the size of a chunk. */
export const piecesOf = (bytes: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
    bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  );

/** Returns the name of the chunk with this content. */
export const contentName = (cipher: BackupCipher, content: Uint8Array): Uint8Array => cipher.nameOf(content);

/** Returns the names of the chunks of a file. */
export const fileNames = (cipher: BackupCipher, { file, bytes }: BackupFile): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes / chunkBytes) }, (_, at) => cipher.nameOf(utf8(`file ${file} ${at}`)));

/** Returns a name as it stands in an index. */
export const nameText = (name: Uint8Array): string => toBase64url(name);

/** Returns the bytes of a name of an index. */
export const nameBytes = (text: string): Uint8Array => fromBase64url(text);
