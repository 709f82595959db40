/** The backend on `node:crypto` and `Buffer`, which is several times as fast. */
import { hash } from 'node:crypto';
import type { Backend } from './backend.ts';

/** Returns the bytes as a Buffer, without a copy. */
const view = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Copies to a plain Uint8Array: `slice` of a Buffer is a view, and its `toString` differs. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer);

/** The backend for Node.js. */
export const backend: Backend = {
  sha256: (data) => plain(hash('sha256', data, 'buffer')),

  sha256Hex: (data) => hash('sha256', data, 'hex'),

  toHex: (bytes, start, end) => view(bytes).toString('hex', start, end),

  fromHex(text) {
    const bytes = Buffer.from(text, 'hex');
    // A Buffer ends before the first pair that is not hex.
    if (bytes.length * 2 !== text.length) throw new Error('the text is not hex of whole bytes');
    return plain(bytes);
  },

  putHex(text, into, at) {
    // What is written ends before the first pair that is not hex, and at the end of the buffer.
    if (view(into).write(text, at, 'hex') * 2 !== text.length) throw new Error('the text is not hex of whole bytes');
  },

  // From a pool, without zeros in it first.
  allocate: (length) => Buffer.allocUnsafe(length),

  toBase64url: (bytes) => view(bytes).toString('base64url'),

  fromBase64url(text) {
    const bytes = Buffer.from(text, 'base64url');
    // A Buffer skips what is not base64url, and reads padding, the other alphabet and left-over bits.
    if (bytes.toString('base64url') !== text) throw new Error('the text is not canonical, unpadded base64url');
    return plain(bytes);
  },
};
