/** A stream's chunks: envelopes whose first byte tells the last from all others, and whose number is their position. */

import { numberOf, uint64 } from '../encoding/uint64.ts';
import { BLOCK_LENGTH, envelopeLength, type Label, type ParsedEnvelope, parseEnvelope } from '../token/envelope.ts';

/** First bytes. A token's is 0x80: even under the same key, neither would pass for the other. */
export const MORE = 0x81;
export const LAST = 0x82;

/** What every chunk but the last carries, bytes; the last one carries less. */
export const DATA_LENGTH = 2 ** 16;

/** Every chunk but the last, bytes. Its data are whole blocks, so padding adds one block. */
export const CHUNK_LENGTH = envelopeLength(DATA_LENGTH + BLOCK_LENGTH);

export function chunkLabel(kind: number, position: number): Label {
  return { kind, number: uint64(position) };
}

/** Undefined when the bytes do not have the shape of this very chunk. */
export function parseChunk(bytes: Uint8Array, kind: number, position: number): ParsedEnvelope | undefined {
  const chunk = parseEnvelope(bytes, kind);
  return chunk !== undefined && numberOf(chunk.number) === position ? chunk : undefined;
}
