/** What is printed of a room that the user enters, and of the others. */
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, member, messageEvent, roomEvent, unread, view } from '../support/samples.ts';
import { settled, setUp } from '../support/typing.ts';

const recent = (...texts: string[]) =>
  texts.map((text, at) => ({ seq: at + 1, user: 'bob', fingerprint, text, at: 0 }));

const offline = { kind: 'connection', status: 'offline', code: 'server-full', retryInMs: 1000 } as const;

test('shows the latest messages, each once, also those that come as events too', async () => {
  const room = view('lobby', { latest: { seq: 2, at: 0 } });
  const client = new FakeClient(room);
  client.kept.set('lobby', recent('one', 'two'));
  const { conversation, count } = setUp(client);
  await conversation.enter(room);
  client.emit(roomEvent('lobby', messageEvent(2, 'bob', 'two'), false));
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'three'), false));
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'three')));
  await conversation.enter(room);
  expect([count('one'), count('two'), count('three')]).toEqual([1, 1, 1]);
});

/** Lets each reading of messages wait until the returned function is called, with what there was when it was asked. */
function slowDisk(client: FakeClient): () => Promise<void> {
  const { page } = client.messages;
  let waiting: (() => void)[] = [];
  client.messages.page = async (...asked) => {
    const found = await page(...asked);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return found;
  };
  return async () => {
    const due = waiting;
    waiting = [];
    for (const resolve of due) resolve();
    await settled();
  };
}

test('shows what arrives while the latest messages are read after them, and each message once', async () => {
  const client = new FakeClient(view('lobby', { latest: { seq: 5, at: 0 } }));
  client.kept.set('lobby', recent('one', 'two'));
  const release = slowDisk(client);
  const { conversation, shown } = setUp(client);
  const entering = conversation.enter(view('lobby'));
  client.emit(roomEvent('lobby', messageEvent(2, 'bob', 'two'), false));
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'three'), false));
  client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'four')));
  await settled();
  await release();
  await entering;
  const words = shown.flatMap((line) => /: (one|two|three|four)$/.exec(line)?.[1] ?? []);
  expect(words).toEqual(['one', 'two', 'three', 'four']);
});

test('enters a room whose messages cannot be read, and says why in a sentence', async () => {
  const client = new FakeClient(view('lobby'));
  client.messages.page = async () => {
    throw Object.assign(new Error('EACCES: permission denied, open /home/a'), { code: 'EACCES' });
  };
  const { conversation, shown, count } = setUp(client);
  await conversation.enter(view('lobby'));
  expect(conversation.roomName).toBe('lobby');
  expect(count('The messages of before cannot be read. The system denies access')).toBe(1);
  expect(shown.join('\n')).not.toContain('EACCES');
});

test('pages through the messages of before, each once', async () => {
  const client = new FakeClient(view('lobby', { latest: { seq: 90, at: 0 } }));
  client.kept.set('lobby', recent(...Array.from({ length: 90 }, (_, index) => `word${index + 1}.`)));
  const { conversation, type, shown, count } = setUp(client);
  await conversation.enter(view('lobby'));
  const begin = () => shown.filter((line) => line.includes('word')).length;
  expect([begin(), count('word71.'), count('word70.')]).toEqual([20, 1, 0]);
  await type('/older');
  expect([begin(), count('word70.'), count('word21.'), count('word20.')]).toEqual([70, 1, 1, 0]);
  await type('/older');
  expect([begin(), count('word1.')]).toEqual([90, 1]);
  await type('/older');
  expect(shown.at(-1)).toBe('There are no earlier messages on this machine.');
});

test.each([
  [{ caughtUp: true, hasKey: true }, '(1 member).', null],
  [{ caughtUp: false, hasKey: true }, 'You are in lobby.', 'you can read and write'],
  [{ caughtUp: false, hasKey: false }, 'You are in lobby.', 'waiting for the room key'],
])('says whether the user can write: %o', async (known, title, key) => {
  const client = new FakeClient(view('lobby', known));
  const { conversation, shown } = setUp(client);
  await conversation.enter(view('lobby', known));
  expect(shown.find((line) => line.includes('You are in'))).toContain(title);
  expect(shown.filter((line) => /can read and write|waiting for/.test(line))).toEqual(
    key === null ? [] : [expect.stringContaining(key)],
  );
});

test('labels messages of other rooms, and does not show the backlog of those', async () => {
  const client = new FakeClient(view('lobby'), view('attic'));
  const { conversation, shown, count } = setUp(client);
  await conversation.enter(view('lobby'));
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

test('reports an unreadable message in any room, once for each key', async () => {
  const client = new FakeClient(view('lobby'), view('attic'));
  const { conversation, shown } = setUp(client);
  await conversation.enter(view('lobby'));
  const before = shown.length;
  for (const seq of [3, 4]) {
    client.emit(roomEvent('attic', { kind: 'unreadable', seq, user: 'bob', epoch: 2, ...unread }, false));
  }
  expect(shown.slice(before)).toEqual([expect.stringMatching(/^\[attic\] .* bob cannot be read/)]);
});

test('shows a message whose key came late once, whether it was printed with the latest ones or comes after them', async () => {
  const late = (seq: number, text: string) => ({
    ...roomEvent('lobby', messageEvent(seq, 'bob', text)),
    late: true as const,
  });
  const client = new FakeClient(view('lobby'));
  const { conversation, shown } = setUp(client);
  client.kept.set(
    'lobby',
    [2, 5].map((seq) => ({ seq, user: 'bob', fingerprint, at: 0, text: `text ${seq}` })),
  );
  const entering = conversation.enter(view('lobby'));
  client.emit(late(2, 'text 2'));
  await entering;
  client.emit(late(3, 'text 3'));
  const texts = shown.flatMap((line) => /text \d$/.exec(line)?.[0] ?? []);
  expect(texts).toEqual(['text 2', 'text 5', 'text 3']);
});

test('shows a repeated alarm of the backlog once, and a live one each time', () => {
  const client = new FakeClient();
  const { shown } = setUp(client);
  const breach = { kind: 'violation', code: 'withheld', seq: 1, user: null } as const;
  for (const live of [false, false, true, true]) client.emit(roomEvent('lobby', breach, live));
  expect(shown).toHaveLength(3);
});

test('exits the room when a leave is confirmed that was lost with the connection', async () => {
  const bob = direct('bob');
  const client = new FakeClient(bob);
  const { conversation, count } = setUp(client);
  await conversation.enter(bob);
  client.joined = [];
  client.emit({ kind: 'left', roomId: bob.roomId, roomName: bob.roomName });
  expect(conversation.roomName).toBeNull();
  expect(count('you left @bob')).toBe(1);
});

test('goes on in the direct room that takes the place of another, and does not say that the user left', async () => {
  const own = direct('bob');
  const other = { ...direct('bob'), roomId: 'b2', roomName: 'dm-other' };
  const client = new FakeClient(own, other);
  const { conversation, count } = setUp(client);
  await conversation.enter(own);
  const { roomId, roomName } = other;
  client.emit({ kind: 'direct-moved', roomId, roomName, user: 'bob', from: own.roomName, kept: false });
  await settled();
  expect(conversation.roomName).toBe('dm-other');
  expect(count('at the same moment')).toBe(1);
  client.emit({ kind: 'left', roomId: own.roomId, roomName: own.roomName });
  expect(conversation.roomName).toBe('dm-other');
  expect(count('you left')).toBe(0);
});

describe('a direct room that moves', () => {
  const own = direct('bob');
  const members = [member('alice'), member('bob')];
  const other = { ...direct('bob', { members }), roomId: 'b2', roomName: 'dm-other' };
  const moved = { kind: 'direct-moved', roomId: 'b2', roomName: 'dm-other', user: 'bob', kept: false } as const;
  const move = (client: FakeClient) => client.emit({ ...moved, from: own.roomName });

  test('is the current one at once, also while its messages are read', async () => {
    const client = new FakeClient(own, other);
    const { conversation, type } = setUp(client);
    await conversation.enter(own);
    const release = slowDisk(client);
    move(client);
    await type('hello');
    expect(client.sent).toMatchObject([{ room: 'dm-other', text: 'hello' }]);
    await settled();
    await release();
    expect(conversation.roomName).toBe('dm-other');
  });

  test('does not override a command of the user, whichever ends last', async () => {
    const client = new FakeClient(own, other, view('board'));
    const { conversation, type, count } = setUp(client);
    await conversation.enter(own);
    const release = slowDisk(client);
    const entering = type('/join board');
    move(client);
    await settled();
    await release();
    await entering;
    await release();
    expect(conversation.roomName).toBe('board');
    expect(count('You are in')).toBe(2);
  });

  test('is followed after a command that fails', async () => {
    const client = new FakeClient(own, other);
    client.byInvitation.add('den');
    const { conversation, type } = setUp(client, 'no');
    await conversation.enter(own);
    const entering = type('/join den');
    move(client);
    await entering;
    await settled();
    expect(conversation.roomName).toBe('dm-other');
  });

  test('says how what was said before can be read, if it is kept', async () => {
    const client = new FakeClient(own, other);
    const { conversation, count } = setUp(client);
    await conversation.enter(own);
    client.emit({ ...moved, from: own.roomName, kept: true });
    expect(count('"chat tail dm-bob --no-follow" prints it, /leave dm-bob erases it')).toBe(1);
  });
});

test('names the users who left when the room has a new key', async () => {
  const client = new FakeClient(view('lobby'));
  const { conversation, count } = setUp(client);
  await conversation.enter(view('lobby'));
  client.emit(roomEvent('lobby', { kind: 'left', seq: 1, at: 0, user: 'bob', fingerprint }));
  const epoch = { kind: 'epoch', seq: 2, number: 3, by: 'alice', reason: 'removal', key: 'held' } as const;
  client.emit(roomEvent('lobby', epoch));
  expect(count('because bob left')).toBe(1);
  client.emit(roomEvent('lobby', { kind: 'withdrawn', seq: 3, at: 0, by: 'alice', user: 'carol', fingerprint }));
  client.emit(roomEvent('lobby', { ...epoch, seq: 4, number: 4 }));
  expect(count('because the invitation of carol was withdrawn')).toBe(1);
});
