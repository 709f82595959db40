/**
 * The binding of a wrap: the `info` of HKDF (RFC 5869, section 3.2) and the associated data of AES-GCM. A length precedes
 * each field, so two different sets of fields never give the same bytes.
 */
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { Suite } from '../suite.ts';

/** Names this format and its version. Another format or version derives other keys. */
const label = 'ecdh-hub wrap v1';

/** The values to which a wrap is bound. */
export interface Binding {
  readonly suite: Suite;
  readonly hubPublic: Uint8Array;
  readonly clientPublic: Uint8Array;
  readonly context: Uint8Array;
}

/** Encodes a binding. */
export function encodeBinding({ suite, hubPublic, clientPublic, context }: Binding): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(label), text.encode(suite), hubPublic, clientPublic, context]);
}
