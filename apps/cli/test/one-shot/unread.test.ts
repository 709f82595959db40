/** What is unread, for scripts. */
import { expect, test } from 'vitest';
import { setUp } from '../support/run-command.ts';
import { direct, messageEvent, roomEvent, view } from '../support/samples.ts';
import { settled } from '../support/typing.ts';

const unread = { count: 2, mentions: 1, first: 4 };
const recent = [1, 2, 3].map((seq) => ({ seq, user: 'bob', fingerprint: 'f', text: `m${seq}`, at: 0 }));

test('rooms lists what is unread, and with --unread nothing else', async () => {
  const { client, run, printed } = setUp();
  client.joined = [view('read'), direct('bob', { unread, latest: { seq: 5, at: 7, user: 'bob' } })];
  const summary = { members: 2, joined: true, invited: false, createdAt: 0, policy: view('x').policy as never };
  for (const name of ['read', 'dm-bob', 'others']) client.open.push({ room: `id of ${name}`, name, ...summary });
  await run('rooms', '--json');
  const lines = printed()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { name: 'read', title: 'read', unread: { count: 0 }, latest: null },
    { name: 'dm-bob', title: '@bob', unread, latest: { seq: 5, at: 7, user: 'bob' } },
    { name: 'others', title: 'others' },
  ]);
  expect(lines[2]).not.toHaveProperty('unread');
  await run('rooms', '--unread');
  expect(printed()).toMatch(/^\+ @bob {2}2 members, joined, 2 unread, 1 mention, last by bob at [0-9:]+\n$/);
  client.joined = [view('read')];
  await run('rooms', '--unread');
  expect(printed()).toBe('There are no unread messages.\n');
});

test('rooms waits until all logs are read, and not for a room that the server denies', async () => {
  const { client, run, printed } = setUp();
  client.joined = [view('dev', { caughtUp: false }), view('gone', { caughtUp: false, denied: true })];
  client.open.push({
    room: 'r',
    name: 'dev',
    members: 2,
    joined: true,
    createdAt: 0,
    policy: view('x').policy,
  } as never);
  const running = run('rooms');
  await settled();
  expect(printed()).toBe('');
  client.joined = [view('dev', { unread }), view('gone', { caughtUp: false, denied: true })];
  client.emit({ kind: 'caught-up', roomId: 'id of dev', roomName: 'dev' });
  await running;
  expect(printed()).toContain('2 unread');
});

test('tail marks what it prints as read only with --mark', async () => {
  for (const [mark, expected] of [
    [[], []],
    [['--mark'], ['lobby 3', 'lobby 4']],
  ] as const) {
    const { client, stop, run } = setUp();
    client.joined = [view('lobby', { latest: { seq: 3, at: 0 } })];
    client.kept.set('lobby', recent);
    const tailing = run('tail', 'lobby', ...mark);
    await settled();
    client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'm4')));
    client.emit(roomEvent('attic', messageEvent(9, 'bob', 'elsewhere')));
    stop.abort();
    await tailing;
    expect(client.marked).toEqual(expected);
    const once = setUp();
    once.client.joined = client.joined;
    once.client.kept.set('lobby', recent);
    await once.run('tail', 'lobby', '--no-follow', ...mark);
    expect(once.client.marked).toEqual(expected.slice(0, 1));
  }
});

test('invitations and knocks of a user who is blocked are not listed', async () => {
  const { client, run, printed } = setUp();
  client.joined = [view('lobby')];
  client.attention.settings = { ...client.attention.settings, blocked: ['bob'] };
  client.waiting = ['bob', 'carol'].map((by) => ({
    roomId: 'r',
    roomName: `of-${by}`,
    by,
    policy: view('x').policy as never,
  }));
  client.knocking = ['bob', 'carol'].map((user) => ({ user, fingerprint: 'ab'.repeat(32) }));
  await run('invitations');
  await run('knocks', 'lobby');
  expect(printed()).not.toContain('bob');
});
