import { describe, expect, test } from 'vitest';
import { encodePayload, entryDomain, knockDomain, type Payload, parseKnock, parsePayload } from '../../src/index.ts';

const hex = 'ab'.repeat(32);
const key = 'A'.repeat(160);
const head = { seq: 3, hash: hex };
const commonFields = { v: 1, room: hex, at: 1 } as const;
const targetFields = { user: 'bob', fingerprint: hex } as const;

const good: { readonly [T in 'invite' | 'revoke' | 'message' | 'join']: Payload<T> } = {
  invite: { ...commonFields, type: 'invite', author: 'alice', ...targetFields, key, verified: false, head },
  revoke: { ...commonFields, type: 'revoke', ...targetFields },
  message: { type: 'message', epoch: 1, head, token: Uint8Array.of(1, 2, 3) },
  join: { ...commonFields, type: 'join', author: 'alice', key, after: 1 },
};

describe('payloads', () => {
  test.each(Object.entries(good))('%s is parsed with exactly its own fields', (type, payload) => {
    const read = (value: object) => parsePayload(type as keyof typeof good, encodePayload(value));
    expect(read(payload)).toEqual(payload);
    expect(read({ ...payload, other: 1 })).toBeNull();
    for (const field of Object.keys(payload)) {
      const rest = Object.fromEntries(Object.entries(payload).filter(([name]) => name !== field));
      expect(read(rest), field).toBeNull();
    }
  });
});

describe('a knock', () => {
  const knock = { ...commonFields, type: 'knock', author: 'bob', key };

  test('is parsed, and no other payload is parsed as a knock', () => {
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

  test('is signed for one room, under a domain that no entry has', () => {
    expect(knockDomain(hex)).not.toEqual(knockDomain('cd'.repeat(32)));
    for (const type of ['join', 'invite', 'leave'] as const) {
      expect(knockDomain(hex)).not.toEqual(entryDomain(type, hex));
    }
  });
});
