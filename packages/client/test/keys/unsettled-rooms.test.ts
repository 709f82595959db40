/** When the client reports that rooms are not read to their end, which rooms it names, and when it is over. */
import { beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { UnreadRooms, type UnsettledRoom, unsettledTrouble } from '../../src/keys/unsettled-rooms.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = 60 * 60_000;
const day = 24 * hour;

/** Returns what of the sentence names rooms. */
const named = (...rooms: UnsettledRoom[]): string | undefined =>
  /has not received (.*?): the server/.exec(unsettledTrouble(rooms).reason)?.[1];
const log = (roomName: string): UnsettledRoom => ({ roomName, lacks: 'log' });
const key = (roomName: string): UnsettledRoom => ({ roomName, lacks: 'key' });

let clock: ManualClock;
let events: ClientEvent[];
let unsettled: readonly UnsettledRoom[];
let rooms: UnreadRooms;

const created = (stored: UnreadRooms['stored']) =>
  new UnreadRooms(
    { scheduler: clock, emit: (event) => void events.push(event), saveSoon: () => {} },
    () => unsettled,
    stored,
  );
const codes = () => events.map((event) => `${event.kind} ${'code' in event ? event.code : ''}`);

beforeEach(() => {
  clock = new ManualClock();
  events = [];
  unsettled = [log('lobby')];
  rooms = created(undefined);
});

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

test('tells it once after a day, over restarts, and once when all is read', () => {
  rooms.connected();
  rooms.review();
  clock.sleep(day - 1);
  rooms.review();
  expect(codes()).toEqual([]);
  rooms = created(rooms.stored);
  clock.sleep(1);
  rooms.review();
  expect(codes()).toEqual(['trouble rooms-unread']);
  rooms = created(rooms.stored);
  clock.sleep(day);
  rooms.review();
  unsettled = [];
  rooms.review();
  rooms.review();
  expect([codes(), rooms.stored]).toEqual([['trouble rooms-unread', 'trouble-over rooms-unread'], undefined]);
});

test('begins anew when all was read meanwhile', () => {
  rooms.review();
  clock.sleep(day - 1);
  unsettled = [];
  rooms.disconnected();
  unsettled = [log('lobby')];
  clock.sleep(day);
  rooms.review();
  clock.sleep(day - 1);
  rooms.review();
  expect(codes()).toEqual([]);
});

test('tells it although every connection is short, after many of them, and names the rooms', () => {
  for (let logins = 0; logins < 20; logins++) {
    rooms.connected();
    expect(codes()).toEqual([]);
    clock.sleep(2 * hour);
    rooms.disconnected();
  }
  rooms.connected();
  expect(codes()).toEqual(['trouble rooms-unread']);
  expect(events).toEqual([expect.objectContaining({ reason: expect.stringContaining('the end of lobby') })]);
});

test('tells nothing to a user who was away', () => {
  rooms.disconnected();
  clock.sleep(5 * day);
  rooms.connected();
  unsettled = [];
  rooms.review();
  expect(codes()).toEqual([]);
});

test('waits no longer after the clock was ahead and was set back', () => {
  rooms.review();
  clock.sleep(-30 * day);
  rooms.review();
  clock.sleep(day);
  rooms.review();
  expect(codes()).toEqual(['trouble rooms-unread']);
});
