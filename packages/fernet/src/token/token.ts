/** A token: an envelope whose first byte, the specification's version, is 0x80, and whose number is a timestamp. */

import type { Uint64 } from '../encoding/uint64.ts';
import { type Label, type ParsedEnvelope, parseEnvelope } from './envelope.ts';

const VERSION = 0x80;

export function tokenLabel(timestamp: Uint64): Label {
  return { kind: VERSION, number: timestamp };
}

/** Undefined when the bytes do not have the shape of a token. */
export function parseToken(bytes: Uint8Array): ParsedEnvelope | undefined {
  return parseEnvelope(bytes, VERSION);
}
