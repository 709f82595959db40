import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  enrolStatement,
  loginStatement,
  operations,
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
