/** `/search` and the commands that go on from its hits, and `/keep`. */
import { ClientError } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { searchLine } from '../../src/conversation/search-line.ts';
import { timeFrom } from '../../src/text/date.ts';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, view } from '../support/samples.ts';
import { setUp as setUpTyping } from '../support/typing.ts';

const said = (seq: number, text: string, user = 'bob', at = seq * 1000) => ({ seq, user, fingerprint, text, at });

function setUp(...answers: string[]) {
  const client = new FakeClient(view('lobby'), direct('carol'));
  client.kept.set(
    'lobby',
    Array.from({ length: 25 }, (_, index) => said(index + 1, `plan number${index + 1}.`)),
  );
  client.kept.set('dm-carol', [said(1, 'plan of carol', 'carol', 500)]);
  const parts = setUpTyping(client, ...answers);
  /** Enters a line, and returns what it has printed. */
  const printed = async (line: string) => {
    const before = parts.shown.length;
    await parts.type(line);
    return parts.shown.slice(before);
  };
  return { ...parts, client, printed };
}

describe('the argument of /search', () => {
  const isRoom = (title: string) => ['lobby', '@carol'].includes(title);
  const localTime = new Date(2026, 10, 30, 14, 3).getTime();
  test.each([
    ['big plan', { words: 'big plan' }],
    ['plan in lobby from bob', { words: 'plan', room: 'lobby', user: 'bob' }],
    ['plan from @bob in @carol', { words: 'plan', room: '@carol', user: 'bob' }],
    ['plan before 2026-11-30T14:03Z', { words: 'plan', before: Date.UTC(2026, 10, 30, 14, 3) }],
    ['from bob', { words: '', user: 'bob' }],
    ['plan before 2026-11-30 14:03 in lobby', { words: 'plan', before: localTime, room: 'lobby' }],
    // What is no room, no user and no date is words, as is a second condition of a kind.
    ['meeting in berlin', { words: 'meeting in berlin', doubt: { key: 'in', value: 'berlin' } }],
    ['greetings from Bob!', { words: 'greetings from Bob!', doubt: { key: 'from', value: 'Bob!' } }],
    [
      'before yesterday in lobby',
      { words: 'before yesterday', room: 'lobby', doubt: { key: 'before', value: 'yesterday' } },
    ],
    ['in lobby in lobby', { words: 'in lobby', room: 'lobby' }],
    ['what is in', { words: 'what is in' }],
    // What is in quotation marks is no condition.
    ['"in lobby"', { words: '"in lobby"' }],
    ['"from bob" in lobby', { words: '"from bob"', room: 'lobby' }],
    ['a "see  you" b', { words: 'a "see  you" b' }],
    ['"not closed from bob', { words: '"not closed from bob' }],
  ])('%s', (argument, wanted) => {
    expect(searchLine(argument, isRoom)).toEqual(wanted);
  });
});

test('a date is the start of a day here, a time is one here unless it has a zone, and neither may be impossible', () => {
  expect(timeFrom('2026-11-30')).toBe(new Date(2026, 10, 30).getTime());
  for (const text of ['2026-11-30T14:03', '2026-11-30 14:03', '2026-11-30 14:03:00'])
    expect(timeFrom(text)).toBe(new Date(2026, 10, 30, 14, 3).getTime());
  expect(timeFrom('2026-11-30T14:03:00+02:00')).toBe(Date.UTC(2026, 10, 30, 12, 3));
  const impossible = ['2026-02-30', '2026-02-30T10:00Z', '2026-13-01', '2026-11-30T25:00Z', '2026-11-30 14:60'];
  for (const text of [...impossible, '30.11.2026', '11/30/2026', '2026-11', 'today', '1764460800'])
    expect(timeFrom(text)).toBeNull();
});

describe('/search', () => {
  test('lists ten hits with their rooms, the latest first, and goes on and back', async () => {
    const { printed } = setUp();
    const first = await printed('/search plan');
    expect(first).toHaveLength(11);
    expect(first[0]).toMatch(/^1\) \[lobby\] .* bob: plan number25\.$/);
    expect(first[9]).toMatch(/^10\) .* number16\.$/);
    expect((await printed('/next'))[0]).toMatch(/^11\) .* number15\.$/);
    const last = await printed('/next');
    expect(last.slice(-2, -1)).toEqual([expect.stringMatching(/^26\) \[@carol\] .* carol: plan of carol$/)]);
    expect(await printed('/next')).toEqual(['There are no more hits.']);
    expect((await printed('/previous'))[0]).toMatch(/^11\) .* number15\.$/);
    expect((await printed('/previous'))[0]).toMatch(/^1\) .* number25\.$/);
    expect(await printed('/previous')).toEqual(['There are no hits before.']);
    expect((await printed('/next'))[0]).toMatch(/^11\) /);
  });

  test('looks into one room, for one author, before a time', async () => {
    const { printed } = setUp();
    expect(await printed('/search plan in @carol')).toHaveLength(2);
    expect((await printed('/search plan from carol'))[0]).toMatch(/plan of carol/);
    expect((await printed('/search from bob before 1970-01-01T00:00:03Z'))[0]).toMatch(/number2\.$/);
  });

  test('says what it has not found, and which words are no condition', async () => {
    const { printed } = setUp();
    expect(await printed('/search plan in cellar')).toEqual([
      'No message is on this machine that has all of these words: plan in cellar.',
      '"in cellar" counts as words, because you are in no room named cellar.',
    ]);
    expect(await printed('/search plan before 30.11.2026')).toContain(
      '"before 30.11.2026" counts as words, because 30.11.2026 is no date like 2026-11-30.',
    );
    expect(await printed('/search plan from Carol')).toContain(
      '"from Carol" counts as words, because Carol is no user name.',
    );
    expect(await printed('/search harbour in @carol from carol')).toEqual([
      'No message by carol in @carol is on this machine that has all of these words: harbour.',
    ]);
    expect(await printed('/search from carol before 1969-12-01')).toEqual([
      'No message by carol from before 1969-12-01 00:00 is on this machine.',
    ]);
    expect(await printed('/search in lobby')).toEqual(['Words to look for are missing.']);
  });

  test('has nothing to go on with before a search, and after one without hits', async () => {
    const { printed } = setUp();
    for (const line of ['/next', '/previous'])
      expect(await printed(line)).toEqual(['There was no search yet: /search WORDS makes one.']);
    await printed('/search plan');
    await printed('/search harbour');
    expect(await printed('/next')).toEqual(['There are no more hits.']);
    expect(await printed('/previous')).toEqual(['There are no hits before.']);
    expect(await printed('/around 1')).toEqual([
      'No search has shown a hit with this number: /search WORDS prints hits, each with its number.',
    ]);
  });

  test('shows nothing of what was erased meanwhile, nor of a room that was left', async () => {
    const { client, printed } = setUp();
    await printed('/search plan in lobby');
    await printed('/next');
    client.kept.set('lobby', []);
    expect(await printed('/previous')).toEqual(['There are no hits before.']);
    expect(await printed('/around 11')).toEqual(['This message is not on this machine any more.']);
    client.messages.search = async () => {
      throw new ClientError('not-joined', 'no');
    };
    client.joined = [direct('carol')];
    expect(await printed('/previous')).toEqual([expect.stringMatching(/^You are not a member of lobby: /)]);
  });

  test('prints the messages around a hit, in the room of the hit, as many as are asked for', async () => {
    const { printed } = setUp();
    await printed('/search plan');
    const lines = await printed('/around 7');
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe('(in lobby:)');
    expect(lines[1]).toMatch(/number14\.$/);
    expect(lines[6]).toMatch(/^7\) \[lobby\] .* number19\.$/);
    expect(lines[11]).toMatch(/number24\.$/);
    expect(await printed('/around 7 2')).toHaveLength(7);
    const none = ['No search has shown a hit with this number: /search WORDS prints hits, each with its number.'];
    for (const line of ['/around 0', '/around 11', '/around', '/around x']) expect(await printed(line)).toEqual(none);
    for (const line of ['/around 7 0', '/around 7 101', '/around 7 x', '/around 7 2 2'])
      expect(await printed(line)).toEqual(['COUNT is a number from 1 to 100.']);
  });
});

describe('/keep', () => {
  test('shows what is kept, of all rooms and of one', async () => {
    const { client, printed } = setUp();
    expect(await printed('/keep')).toEqual(['Of rooms without a rule of their own, this machine keeps all messages.']);
    client.messages.setRetention({ days: 30 });
    client.messages.setRetention({ messages: 1 }, 'lobby');
    expect(await printed('/keep in lobby')).toEqual(['Of lobby, this machine keeps the latest message.']);
    expect(await printed('/keep in @carol')).toEqual([
      'Of @carol, this machine keeps the messages of the last 30 days, as of all rooms without a rule of their own.',
    ]);
    expect(await printed('/keep')).toEqual([
      'Of rooms without a rule of their own, this machine keeps the messages of the last 30 days.',
      'Of lobby, it keeps the latest message.',
    ]);
  });

  test('asks, sets the rule, and ends when the others are erased', async () => {
    const { client, printed } = setUp('no', 'yes');
    expect((await printed('/keep 30 days in lobby')).at(-1)).toBe('Nothing was changed.');
    expect(client.messages.calls).toEqual([]);
    const lines = await printed('/keep 30 days in lobby');
    expect(lines).toEqual([
      'Of lobby, everything but the messages of the last 30 days is erased on this machine, for good.',
      'Of lobby, this machine keeps the messages of the last 30 days.',
    ]);
    expect(client.messages.calls).toEqual(['{"days":30} of lobby', 'settled']);
    // Nothing is erased by this, so nothing is asked.
    await printed('/keep all in lobby');
    expect(client.messages.calls.slice(2)).toEqual(['"all" of lobby', 'settled']);
  });

  test('lets a room have no rule of its own', async () => {
    const { client, printed } = setUp('yes', 'no', 'yes');
    await printed('/keep nothing in @carol');
    expect(client.messages.hasOwnRetention('dm-carol')).toBe(true);
    client.messages.setRetention({ days: 3 });
    expect((await printed('/keep default in @carol')).at(-1)).toBe('Nothing was changed.');
    // All messages are kept then, so nothing is asked.
    client.messages.setRetention('all');
    await printed('/keep default in @carol');
    expect(client.messages.hasOwnRetention('dm-carol')).toBe(false);
  });

  test('knows a room from the words of a rule', async () => {
    const client = new FakeClient(view('in'), view('nothing'));
    const { type } = setUpTyping(client, 'yes', 'yes');
    await type('/keep nothing');
    await type('/keep nothing in in');
    expect(client.messages.calls).toEqual(['"nothing" of all', 'settled', '"nothing" of in', 'settled']);
  });

  test('refuses other rules and rooms, and reports that something could not be erased', async () => {
    const { client, printed } = setUp('yes');
    for (const line of ['/keep default', '/keep 0 days', '/keep 3', '/keep 40000 days', '/keep some things please'])
      expect(await printed(line)).toEqual([expect.stringMatching(/^That is no rule/)]);
    for (const line of ['/keep nothing in cellar', '/keep in', '/keep in lobby now'])
      expect(await printed(line)).toEqual([expect.stringMatching(/^You are in no room of this name/)]);
    expect(client.messages.calls).toEqual([]);
    client.messages.failure = new ClientError('not-erased', 'Some messages may still be there.');
    expect((await printed('/keep nothing')).at(-1)).toMatch(/Some messages may still be there\./);
  });
});
