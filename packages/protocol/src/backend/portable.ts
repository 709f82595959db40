/** The backend on `@noble/hashes` and `@scure/base`, for browsers and all other runtimes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';
import type { Backend } from './backend.ts';

/** The backend for all runtimes. */
export const backend: Backend = {
  sha256: (data) => sha256(data),
  sha256Hex: (data) => bytesToHex(sha256(data)),
  toHex: (bytes, start, end) => bytesToHex(bytes.subarray(start, end)),
  fromHex: hexToBytes,
  putHex: (text, into, at) => into.set(hexToBytes(text), at),
  allocate: (length) => new Uint8Array(length),
  toBase64url: (bytes) => base64urlnopad.encode(bytes),
  fromBase64url: (text) => base64urlnopad.decode(text),
};
