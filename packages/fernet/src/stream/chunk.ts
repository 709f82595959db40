/** The chunks of a stream: envelopes whose kind marks the last chunk, and whose number is the position of the chunk. */

import { blockBytes } from '../encoding/aes-block.ts';
import { numberOf, uint64 } from '../encoding/uint64.ts';
import { envelopeLength, type Label, type ParsedEnvelope, parseEnvelope } from '../token/envelope.ts';

/** Kind of every chunk but the last. A token's kind is 0x80, so even under the same key a chunk is not a valid token. */
export const fullChunkKind = 0x81;

/** Kind of the last chunk. */
export const lastChunkKind = 0x82;

/** Size of the data of every chunk but the last, which has less. */
export const chunkDataBytes = 2 ** 16;

/** Size of every chunk but the last. Its data are whole blocks, so padding adds one block. */
export const chunkBytes = envelopeLength(chunkDataBytes + blockBytes);

/** Returns the label of a chunk. */
export function chunkLabel(kind: number, position: number): Label {
  return { kind, number: uint64(position) };
}

/** Parses a chunk; null when the bytes do not have the layout of a chunk of this kind at this position. */
export function parseChunk(bytes: Uint8Array, kind: number, position: number): ParsedEnvelope | null {
  const chunk = parseEnvelope(bytes, kind);
  return chunk !== null && numberOf(chunk.number) === position ? chunk : null;
}
