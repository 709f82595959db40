/** Rooms on the screen, messages on their way, and slash commands. */
import { ClientError } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, messageEvent, open, roomEvent, view } from '../support/samples.ts';
import { setUp } from '../support/typing.ts';

const recent = (...texts: string[]) =>
  texts.map((text, at) => ({ seq: at + 1, user: 'bob', fingerprint, text, at: 0 }));

/** Lets the handlers of settled promises run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const offline = { kind: 'connection', status: 'offline', code: 'server-full', retryInMs: 1000 } as const;

describe('entering a room', () => {
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
});

describe('sending a message', () => {
  test('hands the text to the client unchanged, and shows it when it is on the log', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, count, clock } = setUp(client);
    conversation.enter(view('lobby'));
    await type('  hello ');
    await type('//me waves');
    expect(client.sent).toMatchObject([{ room: 'lobby', text: '  hello ' }, { text: '/me waves' }]);
    client.sent[0]?.accept(1);
    client.sent[1]?.accept(2);
    await settle();
    clock.advance(60_000);
    expect(count('hello')).toBe(0);
    client.emit(roomEvent('lobby', messageEvent(1, 'alice', 'hello')));
    expect(count('alice: hello')).toBe(1);
  });

  test('reports once that a message waits: after a second with the reason, at once without a connection', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, count, clock } = setUp(client);
    conversation.enter(view('lobby'));
    await type('slow');
    clock.advance(900);
    expect(count('waiting')).toBe(0);
    clock.advance(200);
    clock.advance(60_000);
    expect(count('waiting')).toBe(1);

    client.online = false;
    await type('offline');
    clock.advance(0);
    expect(count('waiting')).toBe(2);
    client.online = true;
    client.joined = [view('lobby', { rekeying: true })];
    await type('changing');
    clock.advance(0);
    expect(count('waiting')).toBe(2);
    clock.advance(1_000);
    expect(count('waiting: not sent yet, the room is changing its key')).toBe(1);
  });

  test('returns a text that could not be sent, with the reason, but not one that stays in the outbox', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown, count } = setUp(client);
    conversation.enter(view('lobby'));
    await type('precious words');
    client.sent[0]?.refuse(Object.assign(new Error('no'), { code: 'message-too-long' }));
    await settle();
    expect(count('precious words')).toBe(1);
    expect(shown.at(-1)).toMatch(/precious words\n!! .*16 KiB.*$/);
    await type('kept');
    client.sent[1]?.refuse(new ClientError('closed', 'closed'));
    await conversation.outgoing.settled();
    expect(count('kept')).toBe(0);
  });

  test('sends nothing without a current room', async () => {
    const client = new FakeClient();
    const { type, count } = setUp(client);
    await type('hello?');
    expect(client.sent).toEqual([]);
    expect(count('1) create a room')).toBe(1);
  });
});

describe('commands', () => {
  test('create, join, leave and the menu change the current room', async () => {
    const client = new FakeClient();
    const { conversation, type } = setUp(client, 'attic');
    await type('/create lobby');
    expect(conversation.roomName).toBe('lobby');
    await type('/leave');
    expect(conversation.roomName).toBeNull();
    await type('2');
    expect(conversation.roomName).toBe('attic');
    await type('/join cellar');
    await type('/leave');
    expect(conversation.roomName).toBe('attic');
    expect(client.rooms().map(({ roomName }) => roomName)).toEqual(['attic']);
  });

  test('leave asks first where only an invitation leads back', async () => {
    const closed = (join: 'invite' | 'verified') => ({ policy: { ...open, join } });
    const client = new FakeClient(view('den', closed('invite')), view('club', closed('verified')), view('lobby'));
    const { type, shown, count } = setUp(client, 'no', '', 'yes', 'Y');
    await type('/leave den');
    expect(shown.at(-1)).toBe('You did not leave den.');
    await type('/leave club');
    expect(client.rooms()).toHaveLength(3);
    await type('/leave den');
    await type('/leave club');
    await type('/leave lobby');
    expect([client.rooms(), count('You left')]).toEqual([[], 3]);
    const gone = new FakeClient(view('den', { ...closed('invite'), removed: true }), direct('bob'));
    const after = setUp(gone, 'no', 'no');
    for (const room of ['den', '@bob']) await after.type(`/leave ${room}`);
    expect(gone.rooms()).toEqual([]);
  });

  test('an invalid name is refused', async () => {
    const client = new FakeClient();
    const { conversation, type } = setUp(client);
    for (const line of ['/create', '/create Bad Name', '/join ../x', '/trust A']) await type(line);
    expect(conversation.roomName).toBeNull();
    expect([client.joined, client.trusted]).toEqual([[], []]);
  });

  test('rooms and members list their marks', async () => {
    const client = new FakeClient(view('lobby'));
    const summary = { room: fingerprint, members: 2, policy: open, createdAt: 0 };
    client.open.push({ ...summary, name: 'lobby', joined: true }, { ...summary, name: 'attic', joined: false });
    client.open.push({ ...summary, name: 'dm-0', joined: false, policy: { join: 'direct', history: 'since-join' } });
    const { conversation, type, shown } = setUp(client);
    conversation.enter(view('lobby'));
    await type('/rooms');
    expect(shown.at(-1)).toMatch(/^\* lobby .*\n {2}attic .*$/);
    await type('/members');
    expect(shown.at(-1)).toMatch(/^alice {2}online .*you, owner, hub/);
  });

  test('remove and role act in the current room, and report what is missing', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    await type('/remove bob');
    expect(shown.at(-1)).toContain('You are in no room');
    conversation.enter(view('lobby'));
    await type('/role bob');
    expect(shown.at(-1)).toContain('owner, moderator, member');
    await type('/role bob king');
    await type('/role');
    await type('/remove Bob');
    expect(client.decided).toEqual([]);
    for (const line of ['/remove bob', '/role  carol  moderator', '/role carol owner ']) await type(line);
    expect(client.decided).toEqual(['remove bob from lobby', 'carol moderator of lobby', 'carol owner of lobby']);
    await type('/remove mallory');
    expect(shown.at(-1)).toBe('mallory is not in lobby. /members lists the members and invited users.');
  });

  test('trust accepts a changed key: the one that is shown, and only if there is one', async () => {
    const client = new FakeClient(view('lobby', { members: [] }));
    const { type, count } = setUp(client);
    await type('/trust bob');
    client.changed = [{ user: 'bob', known: fingerprint, seen: 'cd'.repeat(32), verified: false }];
    await type('/trust carol');
    expect(client.trusted).toEqual([]);
    await type('/trust bob');
    expect(client.trusted).toEqual([`bob ${'cd'.repeat(32)}`]);
    expect(count('CDCD CDCD')).toBe(1);
    client.changed = [...client.changed, ...client.changed.map((one) => ({ ...one, seen: 'ef'.repeat(32) }))];
    await type('/trust bob');
    expect(client.trusted).toHaveLength(1);
  });

  test('an unknown command names /help, and a failing one prints a sentence', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    await expect(type('/frobnicate')).resolves.toBe('go-on');
    expect(shown.at(-1)).toContain('/help');
    await expect(type('/leave lobby')).resolves.toBe('go-on');
    expect(shown.at(-1)).toContain('You are not a member of lobby');
    await expect(type('/constructor')).resolves.toBe('go-on');
    await expect(type('/quit')).resolves.toBe('end');
  });
});
