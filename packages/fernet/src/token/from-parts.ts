/** Encryption with all inputs given, for comparison with published test vectors. */
import { backend } from '#backend';
import { uint64 } from '../encoding/uint64.ts';
import { requireData, requireIv, requireUnixSeconds } from '../input.ts';
import { importKey } from '../keys/key.ts';
import { seal } from './seal.ts';
import { tokenLabel } from './token.ts';

/**
 * Returns the token with these parts. Use it for test vectors only: a second message under the same IV, or a predictable IV,
 * reveals equal beginnings of messages. `Fernet` chooses random IVs.
 *
 * @param key 44 characters of base64url, or 32 bytes
 * @param data up to 256 MiB; a string is encoded as UTF-8
 * @param now whole seconds since 1970
 * @param iv 16 bytes
 * @returns the token as padded base64url
 * @throws FernetError `invalid-key`, `invalid-argument`
 */
export function encryptFromParts(
  key: string | Uint8Array,
  data: string | Uint8Array,
  now: number,
  iv: Uint8Array,
): string {
  const label = tokenLabel(uint64(requireUnixSeconds(now)));
  return backend.encodeBase64url(seal(importKey(key), label, requireData(data), { iv: requireIv(iv) }));
}
