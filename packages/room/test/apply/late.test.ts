/** Messages that are read when their key has come. */
import { fromBase64url } from '@chat/protocol';
import { expect, test } from 'vitest';
import {
  applyEntry,
  type LateMessage,
  type LogItem,
  type RoomEvent,
  readLate,
  type UnreadableEvent,
} from '../../src/index.ts';
import { crypto, three } from '../support/people.ts';

const isUnreadable = (event: RoomEvent): event is UnreadableEvent => event.kind === 'unreadable';

/** Alice and bob speak under a key that mallory lacks. Returns what mallory cannot read, and the secret. */
function missed() {
  const { alice, bob, log } = three();
  const before = alice.state;
  const lacking = { ...before, secrets: {} };
  const logged = [log.say(alice, 'one'), log.say(bob, 'two'), log.say(alice, 'three')];
  let state = lacking;
  const events: RoomEvent[] = [];
  for (const item of logged) {
    const applied = applyEntry(state, item as LogItem, crypto);
    state = applied.state;
    events.push(...applied.events);
  }
  const unread = events.filter(isUnreadable);
  const late = unread.map((each, at): LateMessage => ({ unread: each, entry: logged[at]?.entry as never }));
  const epochNumber = before.epoch?.number ?? 0;
  const key = { epochNumber, secret: fromBase64url(before.secrets[epochNumber] ?? '') };
  return { room: before.room, late, key, events };
}

const told = (events: readonly RoomEvent[]) =>
  events.map((event) => (event.kind === 'message' ? event.text : event.kind === 'violation' ? event.code : event.kind));

test('have the events that they would have had', () => {
  const { room, late, key, events } = missed();
  expect(told(events)).toEqual(['unreadable', 'unreadable', 'unreadable']);
  const read = readLate(room, late, key, crypto);
  expect(told(read)).toEqual(['one', 'two', 'three']);
  expect(read.map((event) => ('hash' in event ? [event.seq, event.hash] : null))).toEqual(
    late.map(({ unread }) => [unread.seq, unread.hash]),
  );
});

test('are not read with another key, from another entry, or twice from one author', () => {
  const { room, late, key } = missed();
  const [first, second, third] = late as [LateMessage, LateMessage, LateMessage];
  const wrong = { ...key, secret: key.secret.map((byte) => byte ^ 1) };
  expect(told(readLate(room, late, wrong, crypto))).toEqual(['damaged', 'damaged', 'damaged']);
  expect(readLate(room, late, { ...key, epochNumber: key.epochNumber + 1 }, crypto)).toEqual([]);
  expect(told(readLate('ab'.repeat(32), [first], key, crypto))).toEqual(['damaged']);
  expect(readLate(room, [{ ...first, entry: third.entry }], key, crypto)).toEqual([]);
  const again = { ...first, unread: { ...first.unread, seq: third.unread.seq + 1 } };
  expect(told(readLate(room, [first, second, third, again], key, crypto))).toEqual(['one', 'two', 'three', 'replayed']);
});
