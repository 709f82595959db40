import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyLogHash,
  encodePayload,
  entryDomain,
  entryHash,
  nextLogHash,
  parsePayload,
  roomIdOf,
  type SignedEntry,
  utf8,
  wrapsDigest,
} from '../../src/index.ts';

const entry: SignedEntry = {
  type: 'message',
  payload: utf8('{"a":1}'),
  by: 'ab'.repeat(32),
  signature: new Uint8Array(3),
};
const roomId = 'cd'.repeat(32);

describe('entries', () => {
  test('have hashes that depend on signer, signature, payload and the boundaries between them', () => {
    const variants: SignedEntry[] = [
      entry,
      { ...entry, by: 'ac'.repeat(32) },
      { ...entry, signature: Uint8Array.of(0, 0, 1) },
      { ...entry, payload: utf8('{"a":2}') },
      { ...entry, signature: Uint8Array.of(0, 0, 0, 0x7b), payload: utf8('"a":1}') },
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
    expect(roomIdOf(utf8('{}'))).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('have no payload of another type or version, or with an unknown field', () => {
    const leave = { v: 1, type: 'leave', room: roomId, author: 'bob', head: { seq: 1, hash: roomId }, at: 0 };
    expect(parsePayload('leave', encodePayload(leave))).toEqual(leave);
    for (const change of [
      { v: 2 },
      { type: 'join' },
      { extra: 1 },
      { author: 'Bob' },
      { head: { seq: 0, hash: roomId } },
    ]) {
      expect(parsePayload('leave', encodePayload({ ...leave, ...change }))).toBeNull();
    }
    for (const bytes of ['not an object', '{', '']) expect(parsePayload('leave', utf8(bytes))).toBeNull();
    expect(parsePayload('leave', Uint8Array.of(...encodePayload(leave), 0))).toBeNull();
  });

  test('parse without throwing, whatever the payload', () => {
    const object = fc.object({ values: [fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)] });
    const bytes = fc.oneof(fc.json().map(utf8), object.map(encodePayload), fc.uint8Array());
    fc.assert(
      fc.property(fc.constantFrom('create', 'join', 'leave', 'epoch', 'message' as const), bytes, (type, payload) => {
        expect(parsePayload(type, payload)).toBeNull();
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
