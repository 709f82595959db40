/**
 * The binding of a wrap: the `info` of HKDF (RFC 5869, section 3.2) and the associated data of AES-GCM. A length precedes
 * each field, so two different sets of fields never give the same bytes.
 */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { Suite, SuiteParameters } from '../suite.ts';

/** Names this format and its version. Another format or version derives other keys. */
const label = 'ecdh-hub wrap v1';

/** The values to which a wrap is bound. */
export interface Binding {
  readonly suite: Suite;
  /** The `boundForm` of the encapsulation: on a curve, the hub's ephemeral public key. */
  readonly hubPublic: Uint8Array;
  /** The `boundForm` of the client's public key. */
  readonly clientPublic: Uint8Array;
  readonly context: Uint8Array;
}

/** Encodes a binding. */
export function encodeBinding({ suite, hubPublic, clientPublic, context }: Binding): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(label), text.encode(suite), hubPublic, clientPublic, context]);
}

/**
 * Returns what stands for a public key or an encapsulation in a binding: the bytes themselves, or with X-Wing their SHA-256 hash,
 * because HKDF's `info` has at most 1024 bytes.
 */
export function boundForm(backend: Backend, suite: SuiteParameters, bytes: Uint8Array): Uint8Array {
  return suite.name === 'X-Wing' ? backend.sha256(bytes) : bytes;
}
