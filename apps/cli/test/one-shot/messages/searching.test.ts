/** `chat search` and `chat keep`, which need no connection. */
import { ClientError } from '@chat/client';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { setUp as setUpCommand } from '../../support/run-command.ts';
import { direct, fingerprint, view } from '../../support/samples.ts';

function setUp() {
  const parts = setUpCommand();
  const { client } = parts;
  client.online = false;
  client.joined = [view('lobby'), direct('carol')];
  client.kept.set('lobby', [
    { seq: 1, user: 'bob', fingerprint, text: 'plan one', at: 1000 },
    { seq: 2, user: 'alice', fingerprint, text: 'plan two\nand\u001b[31m more', at: 2000 },
  ]);
  client.kept.set('dm-carol', [{ seq: 9, user: 'carol', fingerprint, text: 'plan three', at: 3000 }]);
  const lines = () =>
    parts
      .printed()
      .split('\n')
      .filter((line) => line !== '');
  return { ...parts, lines };
}

describe('chat search', () => {
  test('prints the hits with their rooms, the latest first, and never connects', async () => {
    const { client, run, lines } = setUp();
    await run('search', 'plan');
    const [first, second, more, last] = lines();
    expect(first).toMatch(/^\[@carol\] .* carol: plan three$/);
    expect(second).toMatch(/^\[lobby\] .* alice: plan two$/);
    expect(more).toMatch(/and.*more$/);
    expect(more).not.toContain('\u001b');
    expect(last).toMatch(/^\[lobby\] .* bob: plan one$/);
    expect([client.connects, client.closed]).toEqual([[], true]);
  });

  test('prints one JSON object in each line, with the fields of `chat tail`', async () => {
    const { run, lines, reported } = setUp();
    await run('search', 'plan', '--json', '--limit', '2');
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      {
        kind: 'message',
        room: '@carol',
        seq: 9,
        user: 'carol',
        fingerprint,
        text: 'plan three',
        at: 3000,
        mine: false,
        live: false,
        roomId: direct('carol').roomId,
      },
      expect.objectContaining({ room: 'lobby', seq: 2, mine: true }),
    ]);
    expect(reported()).toBe('');
  });

  test('prints as many as are asked for, read page by page, and says beside them that there are more', async () => {
    const { client, run, lines, reported } = setUp();
    const many = Array.from({ length: 250 }, (_, at) => ({ seq: at, user: 'bob', fingerprint, text: 'plan', at }));
    client.kept.set('lobby', many);
    await run('search', 'plan');
    expect(lines()).toHaveLength(20);
    expect(reported()).toBe('There are earlier ones too: --limit N prints up to N.\n');
    await run('search', 'plan', '--limit', '230', '--json', '--room', 'lobby');
    expect(lines().map((line) => JSON.parse(line).seq)).toEqual(Array.from({ length: 230 }, (_, at) => 249 - at));
    await run('search', 'plan', '--limit', '1000');
    expect(lines()).toHaveLength(251);
    expect(reported()).toBe('');
  });

  test('says on standard error what it has not found', async () => {
    const { run, printed, reported } = setUp();
    await run('search', 'nowhere', '--room', 'lobby');
    expect(printed()).toBe('');
    expect(reported()).toBe('No message in lobby is on this machine that has all of these words: nowhere.\n');
    await run('search', 'nowhere', '--json');
    expect([printed(), reported()]).toEqual(['', '']);
  });

  test('looks into one room, for one author, before a time, with or without words', async () => {
    const { client, run, lines } = setUp();
    const found = async (...args: string[]) => {
      await run('search', ...args, '--json');
      return lines().map((line) => JSON.parse(line).seq);
    };
    expect(await found('plan', '--room', '@carol')).toEqual([9]);
    expect(await found('--from', 'bob')).toEqual([1]);
    expect(await found('plan', '--before', '1970-01-01T00:00:02Z')).toEqual([1]);
    expect(await found('nowhere')).toEqual([]);
    expect(client.closed).toBe(true);
  });

  test('refuses a search for nothing, a date that is none, and a room that was not joined', async () => {
    const { run } = setUp();
    expect(await rejectedCode(run('search'))).toBe('usage');
    expect(await rejectedCode(run('search', 'plan', '--room', 'cellar'))).toBe('not-joined');
    expect(() => run('search', 'plan', '--before', 'today')).toThrow(/date/);
  });

  test('fails if hits may be missing because a file is damaged, after it has printed those that there are', async () => {
    const { client, run, lines } = setUp();
    client.messages.areDamaged = true;
    for (const format of [[], ['--json']]) {
      expect(await rejectedCode(run('search', 'two', ...format))).toBe('messages-damaged');
      expect(lines()[0]).toMatch(/plan two/);
    }
  });
});

describe('chat keep', () => {
  test('prints what is kept', async () => {
    const { client, run, lines } = setUp();
    client.messages.setRetention({ messages: 500 }, 'lobby');
    await run('keep');
    await run('keep', '--room', 'lobby');
    await run('keep', '--room', '@carol');
    expect(lines()).toEqual([
      'all messages',
      'lobby: the latest 500 messages',
      'the latest 500 messages',
      'all messages, as of all rooms without a rule of their own',
    ]);
    await run('keep', '--room', 'lobby', '--json');
    expect(JSON.parse(lines()[0] ?? '')).toEqual({ room: 'lobby', keep: { messages: 500 }, own: true });
    await run('keep', '--json');
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      { room: null, keep: 'all', own: false },
      { room: 'lobby', keep: { messages: 500 }, own: true },
    ]);
    expect(client.connects).toEqual([]);
  });

  test('sets a rule, and ends after the erasure', async () => {
    const { client, run, lines } = setUp();
    await run('keep', '30 days', '--room', 'lobby');
    await run('keep', 'nothing');
    await run('keep', 'default', '--room', 'lobby');
    const { calls } = client.messages;
    expect(calls).toEqual([
      '{"days":30} of lobby',
      'settled',
      '"nothing" of all',
      'settled',
      'null of lobby',
      'settled',
    ]);
    expect(lines()[1]).toBe('no messages');
    client.messages.failure = new ClientError('not-erased', 'no');
    expect(await rejectedCode(run('keep', 'nothing'))).toBe('not-erased');
  });

  test('refuses other rules and rooms', async () => {
    const { client, run } = setUp();
    expect(await rejectedCode(run('keep', 'default'))).toBe('usage');
    expect(await rejectedCode(run('keep', 'nothing', '--room', 'cellar'))).toBe('not-joined');
    for (const rule of ['0 days', 'everything', '5', '5 days or so']) expect(() => run('keep', rule)).toThrow(/RULE/);
    expect(client.messages.calls).toEqual([]);
  });
});
