import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyLogHash,
  entryDomain,
  entryHash,
  nextLogHash,
  parsePayload,
  roomIdOf,
  type SignedEntry,
  toBase64url,
  wrapsDigest,
} from '../src/index.ts';

const entry: SignedEntry = { type: 'message', payload: '{"a":1}', by: 'ab'.repeat(32), signature: 'AAAA' };
const room = 'cd'.repeat(32);

describe('entries', () => {
  test('hash differs with signer, signature and payload, and with where one ends and the next begins', () => {
    const variants: SignedEntry[] = [
      entry,
      { ...entry, by: 'ac'.repeat(32) },
      { ...entry, signature: 'AAAB' },
      { ...entry, payload: '{"a":2}' },
      { ...entry, signature: toBase64url(Uint8Array.of(0, 0, 0, 0x7b)), payload: '"a":1}' },
    ];
    expect(new Set(variants.map(entryHash)).size).toBe(variants.length);
  });

  test('log hash depends on room, order, position and type', () => {
    const after = (before: string, seq: number, hash: string) => nextLogHash(before, seq, 'message', hash);
    const [a, b] = ['11'.repeat(32), '22'.repeat(32)];
    const ab = after(after(emptyLogHash(room), 1, a), 2, b);
    const ba = after(after(emptyLogHash(room), 1, b), 2, a);
    const elsewhere = after(after(emptyLogHash('ce'.repeat(32)), 1, a), 2, b);
    const leave = nextLogHash(after(emptyLogHash(room), 1, a), 2, 'leave', b);
    expect(new Set([ab, ba, elsewhere, leave, after(emptyLogHash(room), 2, a)]).size).toBe(5);
  });

  test('domain names type and room, and a room is the hash of its create', () => {
    expect(entryDomain('leave', room)).toEqual({ protocol: 'chat/1', purpose: 'room.leave', context: room });
    expect(entryDomain('create', room).context).toBe('');
    expect(roomIdOf('{}')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('payload of another type, version or with an unknown field is none', () => {
    const leave = { v: 1, type: 'leave', room, author: 'bob', head: { seq: 1, hash: room }, at: 0 };
    expect(parsePayload('leave', JSON.stringify(leave))).toEqual(leave);
    for (const change of [
      { v: 2 },
      { type: 'join' },
      { extra: 1 },
      { author: 'Bob' },
      { head: { seq: 0, hash: room } },
    ]) {
      expect(parsePayload('leave', JSON.stringify({ ...leave, ...change }))).toBeNull();
    }
    expect(parsePayload('leave', 'not json')).toBeNull();
  });

  test('anything parses or is null, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom('create', 'join', 'leave', 'epoch', 'message' as const), fc.json(), (type, text) => {
        expect(parsePayload(type, text)).toBeNull();
      }),
    );
  });
});

describe('wraps', () => {
  const wraps = [
    { to: 'aa'.repeat(32), envelope: 'AAAA' },
    { to: 'bb'.repeat(32), envelope: 'BBBB' },
  ];

  test('digest does not depend on their order, but on each of them', () => {
    const digest = wrapsDigest(wraps);
    expect(wrapsDigest([...wraps].reverse())).toBe(digest);
    expect(wrapsDigest(wraps.slice(1))).not.toBe(digest);
    const [first, second] = wraps.map(({ to }) => to);
    expect(
      wrapsDigest([
        { to: second ?? '', envelope: 'AAAA' },
        { to: first ?? '', envelope: 'BBBB' },
      ]),
    ).not.toBe(digest);
  });
});
