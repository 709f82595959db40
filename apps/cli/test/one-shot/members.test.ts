/** Commands on other users and on rooms, for scripts. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { setUp } from '../support/run-command.ts';
import { direct, fingerprint, member, view } from '../support/samples.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('commands on other users', () => {
  test('reach the client with room and name once the log was read', async () => {
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

  test('print when each member was last heard, and the fingerprint of the log', async () => {
    const { client, clock, run, printed } = setUp();
    const bob = member('bob', { heardAt: clock.now() - 5 * 60_000 });
    client.joined = [view('lobby', { members: [member('alice', { me: true }), bob, member('carol')] })];
    await run('members', 'lobby');
    const list = printed();
    expect(list).toMatch(/^alice .* you$/m);
    expect(list).toMatch(/^bob .* heard 5 minutes ago$/m);
    expect(list).toMatch(/^carol .* not heard yet$/m);
    await run('verify-log', 'lobby');
    expect(printed()).toMatch(/^7\n20700 {2}20701 /m);
    await run('verify-log', 'lobby', '3', '--json');
    expect(printed()).toContain('{"room":"lobby","seq":3,"number":"20300 20301 ');
    expect(await rejectedCode(run('verify-log', 'lobby', '8'))).toBe('unknown-position');
  });

  test('fail for a room that is not joined', async () => {
    const { client, run } = setUp();
    expect(await rejectedCode(run('remove', 'lobby', 'carol'))).toBe('not-joined');
    expect([client.decided, client.closed]).toEqual([[], true]);
  });

  test('fail when the log does not arrive in time', async () => {
    const { client, clock, run } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const late = rejectedCode(run('remove', 'lobby', 'carol'));
    await settle();
    clock.advance(30_000);
    expect(await late).toBe('timed-out');
    expect(client.decided).toEqual([]);
  });
});

describe('lists', () => {
  test('of members have the invited users, with the role "invited"', async () => {
    const { client, run, printed } = setUp();
    client.joined = [view('lobby', { invited: [{ user: 'carol', fingerprint, by: 'alice', verified: false }] })];
    await run('members', 'lobby', '--json');
    expect(objects(printed())).toMatchObject([
      { user: 'alice', role: 'owner', verified: false },
      { user: 'carol', role: 'invited', by: 'alice', fingerprint },
    ]);
  });

  test('of invitations and of knocks are printed as text and as JSON', async () => {
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
  test('opens the direct room and sends', async () => {
    const { client, run, printed } = setUp();
    const sending = run('msg', 'bob', 'hello', '--json');
    while (client.sent.length === 0) await settle();
    client.sent[0]?.accept(9);
    await sending;
    expect(client.sent).toMatchObject([{ room: 'dm-bob', text: 'hello' }]);
    expect(JSON.parse(printed())).toEqual({ room: '@bob', seq: 9 });
  });

  test('sends nothing to the local user, nor into a direct room that the other user has left', async () => {
    const { client, run } = setUp();
    for (const words of [
      ['msg', 'alice', 'x'],
      ['join', '@alice'],
      ['verify', 'alice'],
    ]) {
      expect(await rejectedCode(run(...words))).toBe('yourself');
    }
    client.joined = [direct('bob', { caughtUp: false, members: [member('alice'), member('bob')] })];
    const sending = rejectedCode(run('send', '@bob', 'hello'));
    await settle();
    client.joined = [direct('bob', { peer: null, members: [member('alice')] })];
    client.emit({ kind: 'caught-up', roomId: 'r', roomName: 'dm-bob' });
    expect(await sending).toBe('nobody-there');
    expect(client.sent).toEqual([]);
  });

  test('has a direct room that joining opens too', async () => {
    const { client, run } = setUp();
    await run('join', '@bob');
    expect(client.joined.map(({ peer }) => peer)).toEqual(['bob']);
    await run('leave', '@bob');
    expect(client.joined).toEqual([]);
  });
});

describe('verify', () => {
  const number = Array.from({ length: 12 }, (_, group) => String(10_000 + group)).join(' ');

  test('prints the number, and accepts the number of the other user with any spacing', async () => {
    const { client, run, printed } = setUp();
    await run('verify', 'bob');
    expect(printed().split(/\s+/).filter(Boolean).join(' ')).toBe(number);
    expect(client.verified).toEqual([]);
    await run('verify', 'bob', number.replaceAll(' ', ''));
    await run('verify', 'bob', '--json');
    expect(client.verified).toEqual([`bob ${fingerprint}`]);
    expect(JSON.parse(printed())).toEqual({ user: 'bob', number, fingerprint, verified: true });
  });

  test('fails with another number and marks no user', async () => {
    const { client, run } = setUp();
    const other = number.replace(/1$/, '2');
    expect(await rejectedCode(run('verify', 'bob', other))).toBe('other-safety-number');
    expect(client.verified).toEqual([]);
  });
});

describe('create', () => {
  test('accepts the policy in words', async () => {
    const { client, run } = setUp();
    await run('create', 'one');
    await run('create', 'two', 'verified', 'all');
    expect(client.joined.map(({ policy }) => policy)).toEqual([
      { join: 'open', history: 'since-join' },
      { join: 'verified', history: 'all' },
    ]);
  });

  test('refuses words that make no policy, and names its help', async () => {
    const { client, run } = setUp();
    for (const words of [
      ['open', 'invite'],
      ['all', 'all'],
    ]) {
      await expect(run('create', 'one', ...words)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('"chat create --help"'),
      });
    }
    expect(client.joined).toEqual([]);
  });
});
