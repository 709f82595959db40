/** Encryption with every input given, so that its output can be compared with published vectors. */
import { backend } from '#backend';
import { uint64 } from '../encoding/uint64.ts';
import { dataBytes, ivBytes, unixSeconds } from '../input.ts';
import { importKey } from '../keys/key.ts';
import { seal } from './seal.ts';
import { tokenLabel } from './token.ts';

/**
 * The one token that these parts make. For test vectors only: a second message under the same IV, or an IV that somebody can
 * foresee, gives away how messages begin. `Fernet` chooses its IVs itself.
 *
 * @param now whole seconds since 1970
 * @param iv 16 bytes
 * @throws FernetError `invalid-key`, `invalid-argument`
 */
export function encryptFromParts(
  key: string | Uint8Array,
  data: string | Uint8Array,
  now: number,
  iv: Uint8Array,
): string {
  const label = tokenLabel(uint64(unixSeconds(now)));
  return backend.encodeBase64url(seal(importKey(key), label, dataBytes(data), ivBytes(iv)));
}
