/** The key of a message is that of its own room, epoch and secret, also when it was derived before. */
import { toBase64url } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { RoomCrypto } from '../../src/index.ts';
import { messageKeyOf } from '../../src/keys/message-keys.ts';
import { messageKey } from '../../src/keys/schedule.ts';
import { crypto } from '../support/people.ts';

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const [room, other] = ['a'.repeat(64), 'b'.repeat(64)];
const secrets = { 1: toBase64url(one), 2: toBase64url(two) };

test('a key is the one of its room, epoch and secret, in whatever order they are asked for', () => {
  const changed = { ...secrets, 1: toBase64url(two) };
  for (const [state, epochNumber, secret] of [
    [{ room, secrets }, 1, one],
    [{ room, secrets }, 1, one],
    [{ room, secrets }, 2, two],
    [{ room, secrets }, 1, one],
    [{ room: other, secrets }, 1, one],
    [{ room, secrets: changed }, 1, two],
    [{ room, secrets }, 1, one],
  ] as const) {
    const expected = messageKey(crypto, secret, { roomId: state.room, epochNumber });
    expect(messageKeyOf(state, epochNumber, crypto)).toEqual(expected);
  }
  expect(messageKeyOf({ room, secrets }, 3, crypto)).toBeNull();
  expect(messageKeyOf({ room, secrets: {} }, 1, crypto)).toBeNull();
});

test('a key is derived once while the secrets stay, and by each cryptography for itself', () => {
  let derivations = 0;
  const derive: RoomCrypto['derive'] = (...from) => {
    derivations += 1;
    return crypto.derive(...from);
  };
  const counted = { ...crypto, derive };
  const state = { room, secrets: { ...secrets } };
  for (let index = 0; index < 5; index++) messageKeyOf(state, 1, counted);
  expect(derivations).toBe(1);
  messageKeyOf(state, 1, { ...crypto, derive });
  expect(derivations).toBe(2);
});
