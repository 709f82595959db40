/** What is printed of a room that the user enters, and of the others. */
import { expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, messageEvent, roomEvent, view } from '../support/samples.ts';
import { setUp } from '../support/typing.ts';

const recent = (...texts: string[]) =>
  texts.map((text, at) => ({ seq: at + 1, user: 'bob', fingerprint, text, at: 0 }));

const offline = { kind: 'connection', status: 'offline', code: 'server-full', retryInMs: 1000 } as const;

test('shows the latest messages, each once, also those that come as events too', () => {
  const room = view('lobby', { recent: recent('one', 'two') });
  const client = new FakeClient(room);
  const { conversation, count } = setUp(client);
  conversation.enter(room);
  client.emit(roomEvent('lobby', messageEvent(2, 'bob', 'two'), false));
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'three'), false));
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'three')));
  conversation.enter(room);
  expect([count('one'), count('two'), count('three')]).toEqual([1, 1, 1]);
});

test.each([
  [{ caughtUp: true, hasKey: true }, '(1 member).', null],
  [{ caughtUp: false, hasKey: true }, 'You are in lobby.', 'you can read and write'],
  [{ caughtUp: false, hasKey: false }, 'You are in lobby.', 'waiting for the room key'],
])('says whether the user can write: %o', (known, title, key) => {
  const client = new FakeClient(view('lobby', known));
  const { conversation, shown } = setUp(client);
  conversation.enter(view('lobby', known));
  expect(shown.find((line) => line.includes('You are in'))).toContain(title);
  expect(shown.filter((line) => /can read and write|waiting for/.test(line))).toEqual(
    key === null ? [] : [expect.stringContaining(key)],
  );
});

test('labels messages of other rooms, and does not show the backlog of those', () => {
  const client = new FakeClient(view('lobby'), view('attic'));
  const { conversation, shown, count } = setUp(client);
  conversation.enter(view('lobby'));
  client.emit(roomEvent('attic', messageEvent(1, 'bob', 'old'), false));
  client.emit(roomEvent('attic', messageEvent(2, 'bob', 'new')));
  expect(count('old')).toBe(0);
  expect(shown.at(-1)).toMatch(/^\[attic\] .*new$/);
});

test('reports a lost connection once for each reason', () => {
  const client = new FakeClient();
  const { count } = setUp(client);
  for (const reason of ['gone', 'gone', 'away', 'away']) client.emit({ ...offline, reason });
  client.emit({ kind: 'connection', status: 'online' });
  client.emit({ ...offline, reason: 'away' });
  expect([count('gone'), count('away'), count('* connected')]).toEqual([1, 2, 1]);
});

test('does not report after the loss of a connection that no server is found, and goes on to report other reasons', () => {
  const client = new FakeClient();
  const { count } = setUp(client);
  const nothing = { ...offline, code: 'unreachable', reason: 'nothing there' };
  client.emit({ ...offline, code: 'unreachable', reason: 'gone' });
  client.emit(nothing);
  client.emit({ ...offline, reason: 'full' });
  client.emit(nothing);
  client.emit({ ...offline, reason: 'full' });
  expect([count('gone'), count('nothing there'), count('full')]).toEqual([1, 0, 1]);
});

test('does not repeat the reason for which the first connection failed', () => {
  const client = new FakeClient();
  const { conversation, count } = setUp(client);
  conversation.outageShown('gone');
  for (const reason of ['gone', 'away']) client.emit({ ...offline, reason });
  expect([count('gone'), count('away')]).toEqual([0, 1]);
});

test('reports an unreadable message in any room, once for each key', () => {
  const client = new FakeClient(view('lobby'), view('attic'));
  const { conversation, shown } = setUp(client);
  conversation.enter(view('lobby'));
  const before = shown.length;
  for (const seq of [3, 4]) {
    client.emit(roomEvent('attic', { kind: 'unreadable', seq, user: 'bob', epoch: 2 }, false));
  }
  expect(shown.slice(before)).toEqual([expect.stringMatching(/^\[attic\] .* bob cannot be read/)]);
});

test('shows a repeated alarm of the backlog once, and a live one each time', () => {
  const client = new FakeClient();
  const { shown } = setUp(client);
  const breach = { kind: 'violation', code: 'withheld', seq: 1, user: null } as const;
  for (const live of [false, false, true, true]) client.emit(roomEvent('lobby', breach, live));
  expect(shown).toHaveLength(3);
});

test('exits the room when a leave is confirmed that was lost with the connection', () => {
  const bob = direct('bob');
  const client = new FakeClient(bob);
  const { conversation, count } = setUp(client);
  conversation.enter(bob);
  client.joined = [];
  client.emit({ kind: 'left', roomId: bob.roomId, roomName: bob.roomName });
  expect(conversation.roomName).toBeNull();
  expect(count('you left @bob')).toBe(1);
});

test('goes on in the direct room that takes the place of another, and does not say that the user left', () => {
  const own = direct('bob');
  const other = { ...direct('bob'), roomId: 'b2', roomName: 'dm-other' };
  const client = new FakeClient(own, other);
  const { conversation, count } = setUp(client);
  conversation.enter(own);
  const { roomId, roomName } = other;
  client.emit({ kind: 'direct-moved', roomId, roomName, user: 'bob', from: own.roomName });
  expect(conversation.roomName).toBe('dm-other');
  expect(count('at the same moment')).toBe(1);
  client.emit({ kind: 'left', roomId: own.roomId, roomName: own.roomName });
  expect(conversation.roomName).toBe('dm-other');
  expect(count('you left')).toBe(0);
});

test('names the users who left when the room has a new key', () => {
  const client = new FakeClient(view('lobby'));
  const { conversation, count } = setUp(client);
  conversation.enter(view('lobby'));
  client.emit(roomEvent('lobby', { kind: 'left', seq: 1, at: 0, user: 'bob', fingerprint }));
  const epoch = { kind: 'epoch', seq: 2, number: 3, by: 'alice', reason: 'removal', key: 'held' } as const;
  client.emit(roomEvent('lobby', epoch));
  expect(count('because bob left')).toBe(1);
  client.emit(roomEvent('lobby', { kind: 'withdrawn', seq: 3, at: 0, by: 'alice', user: 'carol', fingerprint }));
  client.emit(roomEvent('lobby', { ...epoch, seq: 4, number: 4 }));
  expect(count('because the invitation of carol was withdrawn')).toBe(1);
});
