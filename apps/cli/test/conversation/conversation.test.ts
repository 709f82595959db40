/** Messages on their way, and slash commands. */
import { ClientError } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, messageEvent, open, roomEvent, view } from '../support/samples.ts';
import { setUp } from '../support/typing.ts';

/** Lets the handlers of settled promises run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('sending a message', () => {
  test('hands the text to the client unchanged, and shows it when it is on the log', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, count, clock } = setUp(client);
    await conversation.enter(view('lobby'));
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
    await conversation.enter(view('lobby'));
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
    await conversation.enter(view('lobby'));
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
    await conversation.enter(view('lobby'));
    await type('/rooms');
    expect(shown.at(-1)).toMatch(/^\* lobby .*\n {2}attic .*$/);
    await type('/members');
    expect(shown.at(-1)).toMatch(/^alice {2}online .*you, owner, hub/);
  });

  test('rooms lists the own rooms while there is no connection, and says so', async () => {
    const client = new FakeClient(view('lobby'), view('attic', { unsent: 1 }));
    client.online = false;
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    await type('/rooms');
    expect(shown.at(-2)).toMatch(/no connection now.*as they are stored/);
    expect(shown.at(-1)).toMatch(/^\* lobby .*\n\+ attic .*1 not sent yet$/);
  });

  test('remove and role act in the current room, and report what is missing', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    await type('/remove bob');
    expect(shown.at(-1)).toContain('You are in no room');
    await conversation.enter(view('lobby'));
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
