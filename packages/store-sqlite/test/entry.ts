/** Entries of one room, by position: what a test appends, it can later say exactly. */
import type { Appending } from '@chat/server-core';

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');

export const roomId = (room: number): string => hex(room, 64);

/** A room's first entry is its `create`, the others are messages. */
export function entryAt(room: number, seq: number, payloadBytes = 300): Appending {
  const create = { kind: 'create', name: `room-${room}`, fingerprint: hex(7, 64) } as const;
  return {
    room: roomId(room),
    seq,
    at: 1_700_000_000_000 + seq,
    hash: hex(seq, 64),
    author: 'alice',
    cid: hex(room, 8) + hex(seq, 24),
    change: seq === 1 ? create : null,
    entry: {
      type: seq === 1 ? 'create' : 'message',
      payload: `${seq} `.padEnd(payloadBytes, 'x'),
      by: hex(7, 64),
      signature: 'c2lnbmF0dXJl',
    },
  };
}
