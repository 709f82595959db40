import { describe, expect, test } from 'vitest';
import { entryDomain, knockDomain, type Payload, parseKnock, parsePayload } from '../src/index.ts';

const hex = 'ab'.repeat(32);
const key = 'A'.repeat(160);
const head = { seq: 3, hash: hex };
const placed = { v: 1, room: hex, at: 1 } as const;
const concerned = { user: 'bob', fingerprint: hex } as const;

const good: { readonly [T in 'invite' | 'revoke' | 'message' | 'join']: Payload<T> } = {
  invite: { ...placed, type: 'invite', author: 'alice', ...concerned, key, verified: false, head },
  revoke: { ...placed, type: 'revoke', ...concerned },
  message: { v: 1, type: 'message', room: hex, epoch: 1, head, token: 'gAAA' },
  join: { ...placed, type: 'join', author: 'alice', key, after: 1 },
};

describe('payloads', () => {
  test.each(Object.entries(good))('%s is read, and not without one of its fields or with another', (type, payload) => {
    const read = (value: object) => parsePayload(type as keyof typeof good, JSON.stringify(value));
    expect(read(payload)).toEqual(payload);
    expect(read({ ...payload, other: 1 })).toBeNull();
    for (const field of Object.keys(payload)) {
      const rest = Object.fromEntries(Object.entries(payload).filter(([name]) => name !== field));
      expect(read(rest), field).toBeNull();
    }
  });
});

describe('a knock', () => {
  const knock = { ...placed, type: 'knock', author: 'bob', key };

  test('is read, and nothing else for one', () => {
    expect(parseKnock(JSON.stringify(knock))).toEqual(knock);
    for (const other of [
      { ...knock, type: 'join' },
      { ...knock, after: 1 },
      { ...knock, v: 2 },
    ]) {
      expect(parseKnock(JSON.stringify(other))).toBeNull();
    }
    expect(parseKnock('{')).toBeNull();
  });

  test('is signed for one room, and for nothing that an entry is signed for', () => {
    expect(knockDomain(hex)).not.toEqual(knockDomain('cd'.repeat(32)));
    for (const type of ['join', 'invite', 'leave'] as const) {
      expect(knockDomain(hex)).not.toEqual(entryDomain(type, hex));
    }
  });
});
