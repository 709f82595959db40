import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeFrame,
  enrolStatement,
  limits,
  loginStatement,
  operations,
  prekeyStatement,
  push,
  renewStatement,
  roomName,
  signedEntry,
  toHex,
  userName,
} from '../src/index.ts';

describe('names', () => {
  test.each(['a', 'alice', 'a-b_c', '0x', 'a'.repeat(32)])('%j is a user name', (name) => {
    expect(userName.safeParse(name).success).toBe(true);
  });
  test.each(['', 'Alice', '-a', 'a b', 'a\n', 'а', 'a\u0000', 'a'.repeat(33), '../a'])('%j is none', (name) => {
    expect(userName.safeParse(name).success).toBe(false);
    expect(roomName.safeParse(name).success).toBe(name.length === 33);
  });
});

describe('statements', () => {
  const place = { ca: 'ca', nonce: 'n', channel: 'c' };
  test('of another purpose, connection, server or user are other bytes', () => {
    const all = [
      loginStatement(place, 'alice'),
      loginStatement(place, 'bob'),
      loginStatement({ ...place, nonce: 'm' }, 'alice'),
      loginStatement({ ...place, channel: 'd' }, 'alice'),
      loginStatement({ ...place, ca: 'cb' }, 'alice'),
      enrolStatement(place, 'alice', 'request'),
      enrolStatement(place, 'alice', 'other'),
      renewStatement(place, 'alice', 'request'),
      prekeyStatement('ca', 'alice', 'prekey', 1),
      prekeyStatement('cb', 'alice', 'prekey', 1),
      prekeyStatement('ca', 'bob', 'prekey', 1),
      prekeyStatement('ca', 'alice', 'other', 1),
      prekeyStatement('ca', 'alice', 'prekey', 2),
    ].map(({ domain, data }) => `${JSON.stringify(domain)} ${toHex(data)}`);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('schemas', () => {
  const entryWith = (signature: string) =>
    signedEntry.safeParse({ type: 'message', payload: '{}', by: 'ab'.repeat(32), signature });

  test('take any value without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(push.safeParse(value).success).toBe(false);
        for (const { request } of Object.values(operations)) request.safeParse(value);
      }),
    );
  });

  test('take a payload only when it has one form in UTF-8', () => {
    const withPayload = (payload: string) =>
      signedEntry.safeParse({ type: 'message', payload, by: 'ab'.repeat(32), signature: 'AAAA' }).success;
    expect(withPayload('{"\u{1F44B}":1}')).toBe(true);
    for (const half of ['\ud83d', '\udc4b']) expect(withPayload(`{"${half}":1}`)).toBe(false);
  });

  test('take base64url only in its canonical form', () => {
    for (const signature of ['AAA', 'AAAA']) expect(entryWith(signature).success).toBe(true);
    for (const signature of ['A', 'AAB', 'AA==', 'AA+A', 'AA\n', '']) expect(entryWith(signature).success).toBe(false);
  });
});

describe('the longest answers that may be given', () => {
  const hex = 'f'.repeat(64);
  const [user, room] = ['u'.repeat(32), 'r'.repeat(48)];
  const [key, prekey, signature] = ['A'.repeat(160), 'A'.repeat(130), 'A'.repeat(144)];
  const policy = { join: 'verified', history: 'since-join' } as const;
  const at = 8.64e15;
  const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);
  const summary = { room: hex, name: room, members: 1000, joined: false, policy, createdAt: at };
  const knock = { payload: '"'.repeat(384), by: hex, signature };

  const answers = {
    'get-prekeys': { prekeys: many(limits.prekeysPerRequest, { user, key, prekey, madeAt: at, signature }) },
    'list-rooms': { rooms: many(limits.roomsPerPage, summary), more: true },
    'list-invitations': {
      invitations: many(limits.roomsPerPage, { room: hex, name: room, by: user, policy }),
      more: true,
    },
    'list-knocks': { knocks: many(limits.knocksPerRoom, knock) },
  };

  test.each(Object.entries(answers))('%s fits one frame', (operation, ok) => {
    expect(operations[operation as keyof typeof answers].result.safeParse(ok).success).toBe(true);
    expect(encodeFrame({ re: 2 ** 53 - 1, ok }).length).toBeLessThanOrEqual(limits.frameBytes);
  });
});
