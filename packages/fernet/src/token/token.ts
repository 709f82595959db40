/** A token: an envelope whose kind is the specification's version, 0x80, and whose number is the timestamp. */

import type { Uint64 } from '../encoding/uint64.ts';
import { type Label, type ParsedEnvelope, parseEnvelope } from './envelope.ts';

const version = 0x80;

/** Returns the label of a token. */
export function tokenLabel(timestamp: Uint64): Label {
  return { kind: version, number: timestamp };
}

/** Parses a token; null when the bytes do not have the layout of a token. */
export function parseToken(bytes: Uint8Array): ParsedEnvelope | null {
  return parseEnvelope(bytes, version);
}
