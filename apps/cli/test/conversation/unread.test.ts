/** Unread messages in a conversation: the line before them, marks, other rooms, and the commands. */
import type { RoomView } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, knockEvent, messageEvent, roomEvent, view } from '../support/samples.ts';
import { settled, setUp } from '../support/typing.ts';

const said = (seq: number, user = 'bob') => ({ seq, user, fingerprint, text: `text ${seq}`, at: 0 });
const unread = (first: number, count = 1, mentions = 0) => ({ count, mentions, first });

/** A client in `lobby`, with other rooms. */
async function inLobby(...others: RoomView[]) {
  const client = new FakeClient(view('lobby'), ...others);
  const parts = setUp(client);
  await parts.conversation.enter(view('lobby'));
  parts.shown.length = 0;
  client.marked.length = 0;
  return { client, ...parts };
}

describe('entering a room', () => {
  test('prints a line before the first unread message, marks all as read, and is where the next start begins', async () => {
    const { client, conversation, shown, clock } = await inLobby(
      view('dev', { unread: unread(8, 2), latest: { seq: 9, at: 0 } }),
    );
    client.kept.set('dev', [said(7), said(8), said(9)]);
    await conversation.enter(view('dev'));
    const texts = shown.map((text) => /── .* ──|text \d/.exec(text)?.[0]).filter((text) => text !== undefined);
    expect(texts).toEqual(['text 7', '── new ──', 'text 8', 'text 9']);
    clock.advance(1_000);
    expect(client.marked).toEqual(['dev 9']);
    expect(client.attention.settings.lastRoom).toBe('dev');
  });

  test('prints all unread messages, and says so if they are too many', async () => {
    const { client, conversation, shown, count } = await inLobby(
      view('dev', { unread: unread(1, 30), latest: { seq: 30, at: 0 } }),
      view('ops', { unread: unread(1, 900), latest: { seq: 900, at: 0 } }),
    );
    client.kept.set(
      'dev',
      Array.from({ length: 40 }, (_, at) => said(at + 1)),
    );
    client.kept.set(
      'ops',
      Array.from({ length: 900 }, (_, at) => said(at + 1)),
    );
    await conversation.enter(view('dev'));
    expect(count('text')).toBe(35);
    shown.length = 0;
    await conversation.enter(view('ops'));
    expect(count('text')).toBe(200);
    expect(shown.find((text) => text.includes('──'))).toBe('── new, the earlier ones with /older ──');
  });

  test('marks what is not kept and so cannot be shown', async () => {
    const { client, conversation, clock } = await inLobby(
      view('dev', { unread: unread(8), latest: { seq: 8, at: 0 } }),
    );
    await conversation.enter(view('dev'));
    clock.advance(1_000);
    expect(client.marked).toEqual(['dev 8']);
  });
});

describe('the current room', () => {
  test('has a line before what is caught up with, once, and no line before what is said now', async () => {
    const { client, shown } = await inLobby();
    client.joined = [view('lobby', { unread: unread(3) })];
    client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'missed'), false));
    client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'missed too'), false));
    client.emit(roomEvent('lobby', messageEvent(5, 'bob', 'now')));
    expect(shown.map((text) => text.replace(/^#.*bob: /, ''))).toEqual(['── new ──', 'missed', 'missed too', 'now']);
  });

  test('is read while the user is at the keyboard, and otherwise when they come back', async () => {
    const { client, clock, type } = await inLobby();
    client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'one')));
    client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'two')));
    clock.advance(1_000);
    expect(client.marked.splice(0)).toEqual(['lobby 4']);
    clock.advance(120_000);
    client.emit(roomEvent('lobby', messageEvent(5, 'bob', 'three')));
    clock.advance(120_000);
    expect(client.marked).toEqual([]);
    await type('');
    expect(client.marked).toEqual(['lobby 5']);
  });

  test('is read when the user quits, and another room is not', async () => {
    const { client, conversation } = await inLobby(view('dev'));
    client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'one')));
    client.emit(roomEvent('dev', messageEvent(9, 'bob', 'elsewhere')));
    conversation.close();
    expect(client.marked).toEqual(['lobby 3']);
  });
});

describe('another room', () => {
  test.each([
    [null, ['hello', '@alice hello', 'joined']],
    ['all', ['hello', '@alice hello', 'joined']],
    ['mentions', ['@alice hello']],
    ['none', []],
  ] as const)('with the level %s prints of what happens there', async (notify, expected) => {
    const { client, shown } = await inLobby(view('dev', { notify }));
    client.emit(roomEvent('dev', messageEvent(1, 'bob', 'hello')));
    client.emit(roomEvent('dev', messageEvent(2, 'bob', '@alice hello')));
    client.emit(roomEvent('dev', { kind: 'joined', seq: 3, at: 0, user: 'carol', fingerprint }));
    expect(shown.map((text) => /(@alice )?hello|joined/.exec(text)?.[0])).toEqual(expected);
    client.emit(roomEvent('dev', { kind: 'violation', code: 'fork', seq: 4, user: 'bob' }));
    expect(shown.at(-1)).toContain('!!');
  });

  test('prints nothing of a user who is muted', async () => {
    const { client, shown, type } = await inLobby(view('dev'));
    await type('/mute bob');
    shown.length = 0;
    client.emit(roomEvent('dev', messageEvent(1, 'bob', 'hello')));
    client.emit(roomEvent('lobby', messageEvent(2, 'bob', 'here')));
    expect(shown).toEqual([expect.stringContaining('here')]);
  });
});

test('of a user who is blocked a line without text is shown, and neither what they quote, react and ask', async () => {
  const { client, shown, type, conversation } = await inLobby();
  await type('/block bob');
  expect(shown.at(-1)).toMatch(/You have blocked bob: .*"\/block bob off" ends it/);
  shown.length = 0;
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'insult')));
  const about = { ...said(3), at: 0 };
  client.emit({
    ...{ kind: 'room', roomId: 'id of lobby', roomName: 'lobby', mine: false, live: true, about },
    event: { ...messageEvent(4, 'carol', 'why?'), replyTo: { seq: 3, hash: fingerprint } } as never,
  });
  const change = { seq: 5, at: 0, epoch: 1, user: 'bob', fingerprint, hash: fingerprint, earlierKeys: [] };
  client.emit(roomEvent('lobby', { ...change, kind: 'reacted', text: 'lol', target: { seq: 4, hash: fingerprint } }));
  client.emit(knockEvent('bob'));
  client.emit({
    kind: 'invited',
    roomId: 'r',
    roomName: 'trap',
    by: 'bob',
    policy: { join: 'invite', history: 'all' },
  });
  expect(shown).toEqual([
    expect.stringMatching(/^#3 .* a message of bob, whom you have blocked$/),
    expect.stringMatching(/> #3 bob: \(blocked\)\n#4 .* carol: why\?$/),
  ]);
  expect(conversation.textOf({ ...said(6, 'carol'), reactions: [{ user: 'bob', text: 'lol' }] })).not.toContain('lol');
  client.waiting = [{ roomId: 'r', roomName: 'trap', by: 'bob', policy: { join: 'invite', history: 'all' } }];
  client.knocking = [{ user: 'bob', fingerprint }];
  for (const command of ['/invitations', '/knocks']) await type(command);
  expect(shown.slice(2)).toEqual(['You have no invitations.', 'No user asks to be invited.']);
  await type('/block bob off');
  await type('/block');
  expect(shown.slice(-2)).toEqual(['bob is not blocked any more.', 'You have blocked no user.']);
});

describe('commands', () => {
  test('/unread goes through the rooms, mentions and direct rooms first, and says when there are no more', async () => {
    const { client, type, conversation, shown, clock } = await inLobby(
      view('dev', { unread: unread(1), latest: { seq: 1, at: 9 } }),
      view('ops', { unread: unread(1, 1, 1), latest: { seq: 1, at: 5 } }),
      direct('bob', { unread: unread(1, 1, 1), latest: { seq: 1, at: 7 } }),
    );
    const entered: (string | null)[] = [];
    for (let times = 0; times < 4; times += 1) {
      await type('/unread');
      clock.advance(1_000);
      await settled();
      entered.push(conversation.roomName);
    }
    expect(entered).toEqual(['dm-bob', 'ops', 'dev', 'dev']);
    expect(shown.at(-1)).toBe('There are no unread messages in other rooms.');
    expect(client.marked).toHaveLength(3);
  });

  test('/rooms lists unread messages, mentions, and who wrote last', async () => {
    const { client, type, shown } = await inLobby(
      view('dev', { unread: { ...unread(1, 1000, 2), more: true }, latest: { seq: 9, at: 0, user: 'bob' } }),
    );
    const summary = { members: 2, joined: true, invited: false, createdAt: 0, policy: view('x').policy as never };
    client.open.push({ room: 'id of dev', name: 'dev', ...summary } as never);
    await type('/rooms');
    expect(shown.at(-1)).toMatch(
      /^\+ dev {2}2 members, joined, 1000\+ unread, 2 mentions, last by bob at .*00:00|01:00$/,
    );
  });

  test('/notify sets the level of a room and the ways, and shows both', async () => {
    const { client, type, shown } = await inLobby(direct('bob'));
    await type('/notify none');
    expect(client.room('lobby')?.notify).toBe('none');
    await type('/notify @bob all');
    expect(client.room('dm-bob')?.notify).toBe('all');
    await type('/notify @bob default');
    expect(client.room('dm-bob')?.notify).toBeNull();
    await type('/notify desktop on');
    await type('/notify bell off');
    expect(client.attention.settings.notifyBy).toEqual(['terminal', 'desktop']);
    await type('/notify');
    expect(shown.slice(-2).join(' ')).toMatch(/Of lobby, nothing notifies you.* by terminal, desktop; no quiet hours/);
    for (const wrong of ['/notify attic all', '/notify lobby loud', '/notify lobby all now']) await type(wrong);
    expect(shown.slice(-3).join(' ')).toMatch(
      /no room of this name.* Write all, mentions, none, default.* Write \/notify/,
    );
  });

  test('/quiet sets the quiet hours, and /mute lists who is muted', async () => {
    const { client, type, shown } = await inLobby();
    await type('/quiet 22:00-7:05');
    expect(client.attention.settings.quietHours).toEqual({ from: 1320, to: 425 });
    for (const line of ['/quiet 25:00-07:00', '/quiet 07:00-07:00', '/quiet', '/quiet off']) await type(line);
    expect(shown.slice(-4)).toEqual([
      expect.stringContaining('Write the quiet hours as'),
      expect.stringContaining('Write the quiet hours as'),
      'You have quiet hours from 22:00 to 07:05.',
      'You have no quiet hours.',
    ]);
    await type('/mute bob');
    await type('/mute carol');
    await type('/mute alice');
    await type('/mute');
    expect(shown.at(-1)).toBe('You have muted bob and carol.');
    await type('/mute bob off');
    expect(client.attention.settings.muted).toEqual(['carol']);
  });
});
