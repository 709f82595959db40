import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, limits, operations, push, signedEntry, wrapBytes } from '../../src/index.ts';

describe('schemas', () => {
  test('parse any value without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(push.safeParse(value).success).toBe(false);
        for (const { request } of Object.values(operations)) request.safeParse(value);
      }),
    );
  });

  test('accept base64url only in its canonical form', () => {
    const withKey = (signature: string) =>
      operations['put-prekey'].request.safeParse({ suite: 'X-Wing', prekey: 'A'.repeat(1_622), madeAt: 1, signature })
        .success;
    for (const signature of ['AAA', 'AAAA']) expect(withKey(signature)).toBe(true);
    for (const signature of ['A', 'AAB', 'AA==', 'AA+A', 'AA\n', '']) expect(withKey(signature)).toBe(false);
  });

  test('accept a prekey of X-Wing only', () => {
    const accepts = (change: object) =>
      operations['put-prekey'].request.safeParse({
        ...{ suite: 'X-Wing', prekey: 'A'.repeat(1_622), madeAt: 1, signature: 'AAAA' },
        ...change,
      }).success;
    expect(accepts({})).toBe(true);
    for (const suite of ['P-384', 'X25519', 'x-wing', '', null, undefined]) expect(accepts({ suite })).toBe(false);
    for (const length of [130, 1_620, 1_624]) expect(accepts({ prekey: 'A'.repeat(length) })).toBe(false);
  });

  test('accept whole wraps only', () => {
    const accepts = (length: number, change: object = {}) =>
      operations['put-wraps'].request.safeParse({
        ...{ room: 'ab'.repeat(32), number: 1, kind: 'fresh', first: 0, wraps: new Uint8Array(length) },
        ...change,
      }).success;
    expect([60, 120, 60 * limits.wrapsPerRequest].map((length) => accepts(length))).toEqual([true, true, true]);
    for (const length of [0, 59, 61, 60 * (limits.wrapsPerRequest + 1)]) expect(accepts(length)).toBe(false);
    for (const change of [{ kind: 'other' }, { first: -1 }, { number: 0 }]) expect(accepts(60, change)).toBe(false);
    const longest = {
      id: 2 ** 32 - 1,
      op: 'put-wraps',
      room: 'ab'.repeat(32),
      number: 2 ** 32,
      kind: 'fresh',
      first: 1,
    };
    const wraps = new Uint8Array(60 * limits.wrapsPerRequest);
    expect(encodeFrame({ ...longest, wraps }).length).toBeLessThanOrEqual(limits.frameBytes);
  });

  test('accept payload and signature as bytes within their bounds only', () => {
    const entry = { type: 'leave', payload: new Uint8Array(3), by: 'ab'.repeat(32), signature: new Uint8Array(8) };
    const accepts = (change: object) => signedEntry.safeParse({ ...entry, ...change }).success;
    expect([accepts({}), accepts({ signature: new Uint8Array(120) })]).toEqual([true, true]);
    for (const length of [0, 121]) expect(accepts({ signature: new Uint8Array(length) })).toBe(false);
    expect(accepts({ payload: new Uint8Array(limits.frameBytes + 1) })).toBe(false);
    for (const text of ['{}', [1, 2], null]) expect(accepts({ payload: text })).toBe(false);
  });
});

describe('the longest answers', () => {
  const hex = 'f'.repeat(64);
  const [user, room] = ['u'.repeat(32), 'r'.repeat(48)];
  const [key, prekey, signature] = ['A'.repeat(160), 'A'.repeat(1_622), 'A'.repeat(144)];
  const suite = 'X-Wing';
  const policy = { join: 'verified', history: 'since-join' } as const;
  const at = 8.64e15;
  const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);
  const summary = { room: hex, name: room, members: limits.roomMembers, joined: false, policy, createdAt: at };
  const knock = { payload: '"'.repeat(384), by: hex, signature };

  const answers = {
    'get-prekeys': { prekeys: many(limits.prekeysPerRequest, { user, key, suite, prekey, madeAt: at, signature }) },
    'list-rooms': { rooms: many(limits.roomsPerPage, summary), more: true },
    'list-invitations': {
      invitations: many(limits.roomsPerPage, { room: hex, name: room, by: user, policy, at }),
      more: true,
    },
    'get-links': {
      links: many(limits.linksPerRequest, {
        ...{ from: hex, id: new Uint8Array(8), prekey: new Uint8Array(8) },
        opening: new Uint8Array(limits.openingBytes),
      }),
      more: true,
    },
    'blob-read': { bytes: new Uint8Array(limits.blobPieceBytes) },
    'blob-list': {
      blobs: many(limits.blobsPerPage, { blob: 'f'.repeat(32), bytes: limits.blobBytes, hash: hex, at }),
      more: true,
    },
    'list-knocks': { knocks: many(limits.knocksPerRoom, knock) },
    'put-wraps': {
      unknown: many(limits.wrapsPerRequest, limits.roomMembers - 1),
      unread: many(limits.wrapsPerRequest, limits.roomMembers - 1),
    },
    'get-wrap-proof': {
      ...{ index: limits.roomMembers - 1, size: limits.roomMembers, wrap: new Uint8Array(wrapBytes) },
      path: new Uint8Array(32 * limits.wrapPathHashes),
    },
  };

  test.each(Object.entries(answers))('the answer to %s fits a frame', (operation, ok) => {
    expect(operations[operation as keyof typeof answers].result.safeParse(ok).success).toBe(true);
    expect(encodeFrame({ re: 2 ** 53 - 1, ok }).length).toBeLessThanOrEqual(limits.frameBytes);
  });

  test('the wraps of the largest room travel in several requests, and each proof is long enough for it', () => {
    expect(Math.ceil(limits.roomMembers / limits.wrapsPerRequest)).toBe(5);
    expect(2 ** limits.wrapPathHashes).toBeGreaterThanOrEqual(limits.roomMembers);
  });
});
