/** The fingerprint of a log: digits that members compare outside the chat, to see whether they have read the same log. */
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { fromHex, utf8 } from '../bytes.ts';

const groups = 12;
const groupBytes = 5;

/**
 * Returns 60 decimal digits in 12 groups of 5, separated by single spaces: of SHA-512 over a label and the log hash, each five
 * bytes (big-endian) modulo 100,000. A server that wants two logs with the same digits must try about 2^99 of them.
 */
export function logFingerprint(logHash: string): string {
  const digest = sha512(concatBytes(utf8('chat/1 log fingerprint\n'), fromHex(logHash)));
  return Array.from({ length: groups }, (_, group) => {
    const bytes = digest.subarray(group * groupBytes, (group + 1) * groupBytes);
    return String(bytes.reduce((sum, byte) => sum * 256 + byte, 0) % 100_000).padStart(5, '0');
  }).join(' ');
}
