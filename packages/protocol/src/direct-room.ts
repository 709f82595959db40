/** The name of the direct room of two users, which each of them derives without asking the other. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { fromHex, toHex, utf8 } from './bytes.ts';
import type { Fingerprint, RoomName } from './values.ts';

/**
 * Returns the name of the direct room of two users: `dm-` and the first 24 hex digits of the SHA-256 over a label and the two
 * fingerprints (32 bytes each), the smaller one first.
 */
export function directRoomName(a: Fingerprint, b: Fingerprint): RoomName {
  const pair = [a, b].sort().map(fromHex);
  return `dm-${toHex(sha256(concatBytes(utf8('chat/1 direct\n'), ...pair))).slice(0, 24)}`;
}
