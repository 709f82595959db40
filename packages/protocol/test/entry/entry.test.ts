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
} from '../../src/index.ts';

const entry: SignedEntry = { type: 'message', payload: '{"a":1}', by: 'ab'.repeat(32), signature: 'AAAA' };
const roomId = 'cd'.repeat(32);

describe('entries', () => {
  test('have hashes that depend on signer, signature, payload and the boundaries between them', () => {
    const variants: SignedEntry[] = [
      entry,
      { ...entry, by: 'ac'.repeat(32) },
      { ...entry, signature: 'AAAB' },
      { ...entry, payload: '{"a":2}' },
      { ...entry, signature: toBase64url(Uint8Array.of(0, 0, 0, 0x7b)), payload: '"a":1}' },
    ];
    expect(new Set(variants.map(entryHash)).size).toBe(variants.length);
  });

  test('have a log hash that depends on roomId, order, position and type', () => {
    const after = (before: string, seq: number, hash: string) => nextLogHash(before, { seq, type: 'message', hash });
    const [a, b] = ['11'.repeat(32), '22'.repeat(32)];
    const ab = after(after(emptyLogHash(roomId), 1, a), 2, b);
    const ba = after(after(emptyLogHash(roomId), 1, b), 2, a);
    const elsewhere = after(after(emptyLogHash('ce'.repeat(32)), 1, a), 2, b);
    const leave = nextLogHash(after(emptyLogHash(roomId), 1, a), { seq: 2, type: 'leave', hash: b });
    expect(new Set([ab, ba, elsewhere, leave, after(emptyLogHash(roomId), 2, a)]).size).toBe(5);
  });

  test('have a domain that names type and room, and a room id that is the hash of the create payload', () => {
    expect(entryDomain('leave', roomId)).toEqual({ protocol: 'chat/1', purpose: 'room.leave', context: roomId });
    expect(entryDomain('create', roomId).context).toBe('');
    expect(roomIdOf('{}')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('have no payload of another type or version, or with an unknown field', () => {
    const leave = { v: 1, type: 'leave', room: roomId, author: 'bob', head: { seq: 1, hash: roomId }, at: 0 };
    expect(parsePayload('leave', JSON.stringify(leave))).toEqual(leave);
    for (const change of [
      { v: 2 },
      { type: 'join' },
      { extra: 1 },
      { author: 'Bob' },
      { head: { seq: 0, hash: roomId } },
    ]) {
      expect(parsePayload('leave', JSON.stringify({ ...leave, ...change }))).toBeNull();
    }
    expect(parsePayload('leave', 'not json')).toBeNull();
  });

  test('parse without throwing, whatever the payload', () => {
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

  test('have a digest that depends on each of them and not on their order', () => {
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
