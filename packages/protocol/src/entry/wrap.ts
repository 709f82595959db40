/** Wraps: epoch secrets encrypted to one member each, and the digest with which an epoch entry names all of its wraps. */
import { concatBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { fromBase64url, fromHex, sha256, sha256Hex, utf8 } from '../bytes.ts';
import { base64url, fingerprint } from '../values.ts';

/** Schema of a wrap. */
export const wrap = z.strictObject({
  /** Fingerprint of the recipient's identity key. */
  to: fingerprint,
  /** The envelope of `@chat/ecdh-hub`. */
  envelope: base64url(600),
});
/** An epoch secret, encrypted to one member's prekey. */
export type Wrap = z.infer<typeof wrap>;

/** Returns the SHA-256 over a label and, in the order of recipients, each recipient (32 bytes) and the envelope's SHA-256. */
export function wrapsDigest(wraps: readonly Wrap[]): string {
  const sorted = [...wraps].sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0));
  const parts = sorted.flatMap(({ to, envelope }) => [fromHex(to), sha256(fromBase64url(envelope))]);
  return sha256Hex(concatBytes(utf8('chat/1 wraps\n'), ...parts));
}
