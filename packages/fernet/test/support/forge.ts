/** Makes invalid tokens with a valid MAC, and damages tokens, with node:crypto only. */
import { createCipheriv, createHmac } from 'node:crypto';

/** A fixed key. */
export const testKey = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));

export function keyText(key: Uint8Array): string {
  return base64url(key);
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

export function fromBase64url(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

/** Returns bytes followed by their MAC. */
export function withMac(signed: Uint8Array, key: Uint8Array = testKey): Buffer {
  const mac = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  return Buffer.concat([signed, mac]);
}

/** The parts of a token. */
export interface Parts {
  readonly key?: Uint8Array;
  readonly version?: number;
  readonly timestamp?: bigint;
  readonly iv?: Uint8Array;
  /** The plaintext with its padding. */
  readonly padded?: Uint8Array;
}

/** Returns a token with a valid MAC and the given parts. */
export function forge(parts: Parts = {}): Buffer {
  const {
    key = testKey,
    version = 0x80,
    timestamp = 0n,
    iv = Buffer.alloc(16, 9),
    padded = Buffer.alloc(16, 16),
  } = parts;
  const head = Buffer.alloc(9);
  head[0] = version;
  head.writeBigUInt64BE(timestamp, 1);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv).setAutoPadding(false);
  return withMac(Buffer.concat([head, iv, cipher.update(padded), cipher.final()]), key);
}

export function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
