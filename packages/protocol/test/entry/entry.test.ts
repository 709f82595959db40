import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyLogHash,
  encodePayload,
  entryDomain,
  entryHash,
  entryTypes,
  nextLogHash,
  parsePayload,
  roomIdOf,
  type SignedEntry,
  utf8,
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

  test('have hashes over exactly the bytes that the protocol names, whatever their sizes are', () => {
    const uint64 = (value: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(value));
      return bytes;
    };
    const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const sizes = fc.oneof(fc.nat(300), fc.integer({ min: 3_900, max: 4_200 }), fc.constant(60_000));
    const payloads = fc.tuple(sizes, fc.nat(255)).map(([size, byte]) => new Uint8Array(size).fill(byte));
    const positions = fc.oneof(
      fc.nat(9),
      fc.integer({ min: 2 ** 31, max: 2 ** 33 }),
      fc.maxSafeInteger().map(Math.abs),
    );
    const signatures = fc.uint8Array({ minLength: 1, maxLength: 120 });
    const types = fc.constantFrom(...entryTypes);
    fc.assert(
      fc.property(hex, hex, signatures, payloads, positions, types, (by, before, signature, payload, seq, type) => {
        const label = utf8('chat/1 entry\n');
        const bytes = [label, Buffer.from(by, 'hex'), uint64(signature.length), signature, payload] as const;
        const hash = sha256(...bytes);
        expect(entryHash({ type, by, signature, payload })).toBe(hash);
        const next = [
          utf8('chat/1 next\n'),
          Buffer.from(before, 'hex'),
          uint64(seq),
          Buffer.from(hash, 'hex'),
        ] as const;
        expect(nextLogHash(before, { seq, type, hash })).toBe(sha256(...next, utf8(type)));
        expect(emptyLogHash(by)).toBe(sha256(utf8('chat/1 log\n'), Buffer.from(by, 'hex')));
      }),
    );
  });

  test('have no hash when an id is not hex', () => {
    for (const by of ['', 'ab', 'abc', 'zz'.repeat(32), `${'ab'.repeat(31)}a\u{e4}`]) {
      if (by === '' || by === 'ab') expect(entryHash({ ...entry, by })).toMatch(/^[0-9a-f]{64}$/);
      else expect(() => entryHash({ ...entry, by })).toThrow();
    }
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
