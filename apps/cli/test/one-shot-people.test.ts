import { describe, expect, test } from 'vitest';
import { setUp } from './run.ts';
import { direct, fingerprint, member, view } from './samples.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const failsWith = (code: string) => expect.objectContaining({ code });
const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('decisions about others', () => {
  test('reach the client with room and name, once the log was read', async () => {
    const { client, run } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const inviting = run('invite', 'lobby', 'bob');
    await settle();
    expect(client.decided).toEqual([]);
    client.joined = [view('lobby')];
    client.emit({ kind: 'caught-up', roomId: 'r', roomName: 'lobby' });
    await inviting;
    await run('remove', 'lobby', 'carol');
    await run('role', 'lobby', 'dave', 'moderator');
    await run('knock', 'attic');
    expect(client.decided).toEqual([
      'invite bob into lobby',
      'remove carol from lobby',
      'dave moderator of lobby',
      'knock at attic',
    ]);
  });

  test('about a room that is not joined are not made', async () => {
    const { client, run } = setUp();
    await expect(run('remove', 'lobby', 'carol')).rejects.toEqual(failsWith('not-joined'));
    expect([client.decided, client.closed]).toEqual([[], true]);
  });

  test('of which the log does not come in time are not made', async () => {
    const { client, clock, run } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const late = expect(run('remove', 'lobby', 'carol')).rejects.toEqual(failsWith('timed-out'));
    await settle();
    clock.advance(30_000);
    await late;
    expect(client.decided).toEqual([]);
  });
});

describe('lists', () => {
  test('of members have those who are invited, with that for their role', async () => {
    const { client, run, printed } = setUp();
    client.joined = [view('lobby', { invited: [{ user: 'carol', fingerprint, by: 'alice', verified: false }] })];
    await run('members', 'lobby', '--json');
    expect(objects(printed())).toMatchObject([
      { user: 'alice', role: 'owner', verified: false },
      { user: 'carol', role: 'invited', by: 'alice', fingerprint },
    ]);
  });

  test('of invitations and of knocks, for people and for programs', async () => {
    const { client, run, printed } = setUp();
    client.joined = [view('lobby')];
    client.waiting = [
      { roomId: 'r1', roomName: 'attic', by: 'bob', policy: { join: 'verified', history: 'since-join' } },
    ];
    client.knocking = [{ user: 'dave', fingerprint }];
    await run('invitations', '--json');
    await run('knocks', 'lobby', '--json');
    expect(objects(printed())).toEqual([
      { room: 'r1', name: 'attic', by: 'bob', policy: { join: 'verified', history: 'since-join' } },
      ...client.knocking,
    ]);
    await run('invitations');
    await run('knocks', 'lobby');
    expect(printed()).toMatch(/^attic, from bob .*\ndave\n {2}ABAB/);
  });
});

describe('msg', () => {
  test('opens the conversation and sends', async () => {
    const { client, run, printed } = setUp();
    const sending = run('msg', 'bob', 'hello', '--json');
    while (client.sent.length === 0) await settle();
    client.sent[0]?.accept(9);
    await sending;
    expect(client.sent).toMatchObject([{ room: 'dm-bob', text: 'hello' }]);
    expect(JSON.parse(printed())).toEqual({ room: '@bob', seq: 9 });
  });

  test('says nothing to oneself, nor into a conversation that the other has left', async () => {
    const { client, run } = setUp();
    for (const words of [
      ['msg', 'alice', 'x'],
      ['join', '@alice'],
      ['verify', 'alice'],
    ]) {
      await expect(run(...words)).rejects.toEqual(failsWith('yourself'));
    }
    client.joined = [direct('bob', { caughtUp: false, members: [member('alice'), member('bob')] })];
    const sending = expect(run('send', '@bob', 'hello')).rejects.toEqual(failsWith('nobody-there'));
    await settle();
    client.joined = [direct('bob', { peer: null, members: [member('alice')] })];
    client.emit({ kind: 'caught-up', roomId: 'r', roomName: 'dm-bob' });
    await sending;
    expect(client.sent).toEqual([]);
  });

  test('joining it opens it too', async () => {
    const { client, run } = setUp();
    await run('join', '@bob');
    expect(client.joined.map(({ peer }) => peer)).toEqual(['bob']);
    await run('leave', '@bob');
    expect(client.joined).toEqual([]);
  });
});

describe('verify', () => {
  const number = Array.from({ length: 12 }, (_, group) => String(10_000 + group)).join(' ');

  test('prints the number, and takes the one that the other sees, however it is spaced', async () => {
    const { client, run, printed } = setUp();
    await run('verify', 'bob');
    expect(printed().split(/\s+/).filter(Boolean).join(' ')).toBe(number);
    expect(client.verified).toEqual([]);
    await run('verify', 'bob', number.replaceAll(' ', ''));
    await run('verify', 'bob', '--json');
    expect(client.verified).toEqual([`bob ${fingerprint}`]);
    expect(JSON.parse(printed())).toEqual({ user: 'bob', number, fingerprint, verified: true });
  });

  test('with another number fails and marks nobody', async () => {
    const { client, run } = setUp();
    const other = number.replace(/1$/, '2');
    await expect(run('verify', 'bob', other)).rejects.toEqual(failsWith('other-safety-number'));
    expect(client.verified).toEqual([]);
  });
});

describe('create', () => {
  test('takes the policy in words', async () => {
    const { client, run } = setUp();
    await run('create', 'one');
    await run('create', 'two', 'verified', 'all');
    expect(client.joined.map(({ policy }) => policy)).toEqual([
      { join: 'open', history: 'since-join' },
      { join: 'verified', history: 'all' },
    ]);
  });
});
