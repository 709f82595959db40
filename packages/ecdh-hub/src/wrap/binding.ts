/**
 * What a wrap is bound to: the `info` of HKDF (RFC 5869 section 3.2) and the associated data of AES-GCM.
 * Each field is preceded by its length, so no two different sets of fields give the same bytes.
 */
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { Suite } from '../keys/suite.ts';

/** Names this format and its version: a change of either gives other keys. */
const LABEL = 'ecdh-hub wrap v1';

export function encodeBinding(
  suite: Suite,
  hubPublic: Uint8Array,
  clientPublic: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(LABEL), text.encode(suite), hubPublic, clientPublic, context]);
}
