/** Entries of a room by position: a test can compute again what it has appended. */
import type { Appending } from '@chat/server-core';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');

export const roomId = (room: number): string => hex(room, 64);

/** Returns the entry at a position: a `create` at the first one, a message at the others. */
export function entryAt(room: number, seq: number, payloadBytes = 300): Appending {
  const policy = { join: 'open', history: 'since-join' } as const;
  const create = { kind: 'create', name: `room-${room}`, policy, user: 'alice', fingerprint: hex(7, 64) } as const;
  return {
    room: roomId(room),
    seq,
    at: 1_700_000_000_000 + seq,
    hash: hex(seq, 64),
    logHash: hex(room * 1_000_000 + seq, 64),
    author: 'alice',
    cid: hex(room, 8) + hex(seq, 24),
    change: seq === 1 ? create : null,
    entry: {
      type: seq === 1 ? 'create' : 'message',
      payload: utf8(`${seq} `.padEnd(payloadBytes, 'x')),
      by: hex(7, 64),
      signature: utf8('signature'),
    },
  };
}

export const account = { user: 'alice', fingerprint: hex(7, 64), identity: new Uint8Array(120), enrolledAt: 1 };

/** Returns the prekey or knock with a number. Each replaces the one before. */
export const prekeyAt = (madeAt: number) =>
  ({ suite: 'X-Wing', prekey: `prekey_${madeAt}`, madeAt, signature: 'c2lnbmF0dXJl' }) as const;
export const knockAt = (number: number) => ({ payload: `{"at":${number}}`, by: hex(7, 64), signature: 'c2lnbmF0dXJl' });

/** Bounds within which the knocks of these tests wait. */
export const knockBounds = { now: 1, ageMs: 1_000, dismissalMs: 1_000, perRoom: 1, perUser: 1 };
