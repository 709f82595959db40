/** The key of a message is that of its own room, epoch, author and secret, also when it was derived before. */
import { toBase64url } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { RoomCrypto } from '../../src/index.ts';
import { messageKeyOf } from '../../src/keys/message-keys.ts';
import { legacyMessageKey, messageKey } from '../../src/keys/schedule.ts';
import { crypto } from '../support/people.ts';

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const [room, other] = ['a'.repeat(64), 'b'.repeat(64)];
const secrets = { 1: toBase64url(one), 2: toBase64url(two) };

test('a key is the one of its room, epoch, author and secret, in whatever order they are asked for', () => {
  const changed = { ...secrets, 1: toBase64url(two) };
  const authors = ['c'.repeat(64), 'd'.repeat(64), null];
  for (const [state, epochNumber, secret] of [
    [{ room, secrets }, 1, one],
    [{ room, secrets }, 1, one],
    [{ room, secrets }, 2, two],
    [{ room, secrets }, 1, one],
    [{ room: other, secrets }, 1, one],
    [{ room, secrets: changed }, 1, two],
    [{ room, secrets }, 1, one],
  ] as const) {
    for (const author of authors) {
      const place = { roomId: state.room, epochNumber };
      const expected =
        author === null ? legacyMessageKey(crypto, secret, place) : messageKey(crypto, secret, { ...place, author });
      expect(messageKeyOf(state, { epochNumber, author }, crypto)).toEqual(expected);
    }
  }
  expect(messageKeyOf({ room, secrets }, { epochNumber: 3, author: null }, crypto)).toBeNull();
  expect(messageKeyOf({ room, secrets: {} }, { epochNumber: 1, author: null }, crypto)).toBeNull();
});

test('a key is derived once while the secrets stay, and by each cryptography for itself', () => {
  let derivations = 0;
  const derive: RoomCrypto['derive'] = (...from) => {
    derivations += 1;
    return crypto.derive(...from);
  };
  const counted = { ...crypto, derive };
  const state = { room, secrets: { ...secrets } };
  for (let index = 0; index < 5; index++) messageKeyOf(state, { epochNumber: 1, author: room }, counted);
  expect(derivations).toBe(1);
  messageKeyOf(state, { epochNumber: 1, author: room }, { ...crypto, derive });
  expect(derivations).toBe(2);
});
