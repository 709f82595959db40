/** Tokens that no library would make but whose MAC is right, and small tools to damage tokens; on node:crypto alone. */
import { createCipheriv, createHmac } from 'node:crypto';

export const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));

export function keyText(key: Uint8Array): string {
  return base64url(key);
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

export function fromBase64url(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

/** The bytes of a token over whatever stands before the MAC. */
export function withMac(signed: Uint8Array, key: Uint8Array = KEY): Buffer {
  const mac = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  return Buffer.concat([signed, mac]);
}

export interface Parts {
  readonly key?: Uint8Array;
  readonly version?: number;
  readonly timestamp?: bigint;
  readonly iv?: Uint8Array;
  /** The plaintext as it is encrypted: padding is up to the caller. */
  readonly padded?: Uint8Array;
}

/** A token with a right MAC, all else as told. */
export function forge(parts: Parts = {}): Buffer {
  const { key = KEY, version = 0x80, timestamp = 0n, iv = Buffer.alloc(16, 9), padded = Buffer.alloc(16, 16) } = parts;
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

/** The `code` of what the call throws; fails the test when it throws nothing. */
export function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing was thrown';
}
