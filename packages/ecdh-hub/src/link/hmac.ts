/** HMAC with SHA-256 (RFC 2104), the pseudorandom function of a link. On both backends it costs two short hashes. */
import type { Backend } from '../backend/backend.ts';

const blockBytes = 64;
const innerPad = 0x36;
const outerPad = 0x5c;

/** Computes the HMAC of a message under a key of at most 64 bytes. Wipes the key's blocks. */
export function hmacSha256(backend: Backend, key: Uint8Array, message: Uint8Array): Uint8Array {
  const inner = new Uint8Array(blockBytes + message.length);
  setKeyBlock(inner, key, innerPad);
  inner.set(message, blockBytes);
  const digest = backend.sha256(inner);
  inner.fill(0);

  const outer = new Uint8Array(blockBytes + digest.length);
  setKeyBlock(outer, key, outerPad);
  outer.set(digest, blockBytes);
  const mac = backend.sha256(outer);
  outer.fill(0);
  return mac;
}

function setKeyBlock(block: Uint8Array, key: Uint8Array, pad: number): void {
  block.fill(pad, 0, blockBytes);
  for (let i = 0; i < key.length; i++) block[i] = (key[i] ?? 0) ^ pad;
}
