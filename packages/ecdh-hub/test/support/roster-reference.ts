/** A second implementation of a roster's hash, from the format's description. It computes everything anew. */
import { createHash } from 'node:crypto';
import { lengthPrefixed } from '../../src/encoding/bytes.ts';
import type { Member } from '../../src/index.ts';
import { utf8 } from './setting.ts';

const sha256 = (...parts: Uint8Array[]) => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());

export function rosterHash(members: readonly Member[]): Uint8Array {
  if (members.length === 0) return new Uint8Array(32);
  const entries = members.map(({ id, publicKey }) =>
    sha256(lengthPrefixed([utf8('ecdh-hub member v1'), utf8(id), publicKey])),
  );
  const blocks: Uint8Array[] = [];
  for (let i = 0; i < entries.length; i += 32) {
    blocks.push(sha256(lengthPrefixed([utf8('ecdh-hub block v1')]), ...entries.slice(i, i + 32)));
  }
  return sha256(lengthPrefixed([utf8('ecdh-hub roster v1')]), ...blocks);
}
