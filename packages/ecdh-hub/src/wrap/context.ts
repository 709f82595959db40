/** The context: what the wrapped key is for, such as a room and an epoch, in the caller's own unambiguous encoding. */
import { checkBytes } from '../encoding/bytes.ts';

/** Bytes. Keeps HKDF's `info` below the 1024 that `node:crypto` takes. */
const MAX_CONTEXT = 512;

/** Throws `invalid-argument` unless the context is at most 512 bytes; hash a longer one. */
export function checkContext(context: Uint8Array): void {
  checkBytes(context, 'a context (hash a longer one)', 0, MAX_CONTEXT, 'invalid-argument');
}
