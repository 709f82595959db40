import { expect, test } from 'vitest';
import {
  commitmentTo,
  legacyMessageKey,
  linkContext,
  messageKey,
  pastKey,
  stepSecret,
  wrapContext,
} from '../../src/keys/schedule.ts';
import { crypto } from '../support/people.ts';

test('one secret gives different keys in each room and epoch, for each purpose, and to each author', () => {
  const secret = new Uint8Array(32).fill(1);
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const places = [[a, 1] as const, [a, 2] as const, [b, 1] as const];
  const keys = places.flatMap(([room, epoch]) => [
    ...['c'.repeat(64), 'd'.repeat(64)].map((author) =>
      Buffer.from(messageKey(crypto, secret, { roomId: room, epochNumber: epoch, author })).toString('hex'),
    ),
    Buffer.from(legacyMessageKey(crypto, secret, { roomId: room, epochNumber: epoch })).toString('hex'),
    Buffer.from(stepSecret(crypto, secret, { roomId: room, epochNumber: epoch })).toString('hex'),
    Buffer.from(pastKey(crypto, secret, { roomId: room, epochNumber: epoch })).toString('hex'),
    commitmentTo(crypto, secret, { roomId: room, epochNumber: epoch }),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a wrap is bound to its room and epoch, and a link to its server and both ends', () => {
  const contexts = [
    wrapContext({ roomId: 'a', epochNumber: 1 }),
    wrapContext({ roomId: 'b', epochNumber: 1 }),
    wrapContext({ roomId: 'a', epochNumber: 2 }),
    linkContext('a', 'x', 'y'),
    linkContext('a', 'y', 'x'),
    linkContext('a', 'x', 'z'),
    linkContext('b', 'x', 'y'),
  ];
  expect(new Set(contexts.map((context) => Buffer.from(context).toString())).size).toBe(contexts.length);
});
