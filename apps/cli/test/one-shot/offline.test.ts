/** Commands for scripts while the server is away: what is stored is enough for some of them. */
import { ClientError } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { setUp as setUpCommand } from '../support/run-command.ts';
import { member, view } from '../support/samples.ts';

const stored = /Nothing answers\..* What follows is what is stored on this machine\./;

function setUp(failure: Error = new ClientError('unreachable', 'Nothing answers.')) {
  const parts = setUpCommand();
  parts.client.online = false;
  parts.client.failures.push(failure);
  parts.client.kept.set('lobby', [{ seq: 3, user: 'bob', fingerprint: 'ab'.repeat(32), text: 'good morning', at: 0 }]);
  parts.client.joined = [
    view('lobby', { caughtUp: false, unsent: 2, latest: { seq: 3, at: 0 }, members: [member('alice', { me: true })] }),
  ];
  return parts;
}

describe('without the server', () => {
  test('rooms lists the rooms that are stored, with the messages that wait', async () => {
    const { client, run, printed, reported } = setUp();
    await run('rooms');
    expect(printed()).toMatch(/^\+ lobby {2}1 member, joined, last at [0-9:]+, 2 not sent yet$/m);
    expect(reported()).toMatch(stored);
    expect(client.closed).toBe(true);
    const other = setUp();
    await other.run('rooms', '--json');
    expect(JSON.parse(other.printed())).toMatchObject({ name: 'lobby', members: 1, joined: true, unsent: 2 });
  });

  test('tail and members print what is stored', async () => {
    const { run, printed, reported } = setUp();
    await run('tail', 'lobby', '--no-follow');
    expect(printed()).toMatch(/bob: good morning/);
    expect(reported()).toMatch(stored);
    const other = setUp();
    await other.run('members', 'lobby');
    expect(other.printed()).toMatch(/^alice /m);
  });

  test('tail waits for a connection, if it is to print what follows', async () => {
    const { client, run, stop, printed } = setUp();
    const tail = run('tail', 'lobby');
    while (!client.connects.includes('keep')) await new Promise((resolve) => setImmediate(resolve));
    expect(printed()).toMatch(/bob: good morning/);
    stop.abort();
    await tail;
    expect(client.connects).toEqual(['connect', 'keep']);
  });

  test('what the server is needed for fails, and so does everything when the server refuses', async () => {
    const { run, printed } = setUp();
    expect(await rejectedCode(run('send', 'lobby', 'x'))).toBe('unreachable');
    expect(printed()).toBe('');
    const other = setUp(new ProtocolError('access-revoked', 'no'));
    expect(await rejectedCode(other.run('rooms'))).toBe('access-revoked');
  });
});
