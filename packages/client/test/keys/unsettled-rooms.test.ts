/** Which rooms a user is named when a prekey was replaced without waiting for them. */
import { expect, test } from 'vitest';
import { type UnsettledRoom, unsettledTrouble } from '../../src/keys/unsettled-rooms.ts';

/** Returns what of the sentence names rooms. */
const named = (...rooms: UnsettledRoom[]): string | undefined =>
  /has not received (.*?): the server/.exec(unsettledTrouble(rooms).reason)?.[1];
const log = (roomName: string): UnsettledRoom => ({ roomName, lacks: 'log' });
const key = (roomName: string): UnsettledRoom => ({ roomName, lacks: 'key' });

test('names up to three rooms of each kind, and counts the others', () => {
  expect(unsettledTrouble([]).code).toBe('rooms-unread');
  expect([
    named(),
    named(log('den')),
    named(key('den')),
    named(log('den'), key('attic'), log('hall')),
    named(log('a'), log('b'), log('c')),
    named(key('a'), key('b'), key('c'), key('d')),
    named(key('a'), key('b'), key('c'), key('d'), key('e')),
  ]).toEqual([
    'all of your rooms',
    'the end of den',
    'a key of den',
    'the end of den and hall and a key of attic',
    'the end of a, b and c',
    'a key of a, b, c and 1 other room',
    'a key of a, b, c and 2 other rooms',
  ]);
});
