/** The context states what a wrapped key is for, such as a room and an epoch, in the caller's own unambiguous encoding. */
import { requireBytes } from '../encoding/bytes.ts';

/** Keeps HKDF's `info` below the 1024 bytes that `node:crypto` takes. */
const maxContextBytes = 512;

/**
 * Requires a context of at most 512 bytes. Callers hash a longer one.
 *
 * @throws HubError `invalid-argument`
 */
export function requireContext(context: Uint8Array): void {
  requireBytes(context, 'a context (hash a longer one)', {
    minBytes: 0,
    maxBytes: maxContextBytes,
    code: 'invalid-argument',
  });
}
