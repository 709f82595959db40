/** `chat send` and `chat tail`. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { setUp } from '../support/run-command.ts';
import { direct, member, messageEvent, roomEvent, unread, view } from '../support/samples.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
describe('send', () => {
  test('takes its text from the words or from standard input, and ends when the server has it', async () => {
    const { client, run, printed } = setUp('piped\ntext\n');
    client.joined = [view('lobby')];
    const sending = run('send', 'lobby', '--json');
    while (client.sent.length === 0) await settle();
    expect(client.sent[0]?.text).toBe('piped\ntext');
    expect(printed()).toBe('');
    client.sent[0]?.accept(7);
    await sending;
    expect(JSON.parse(printed())).toEqual({ room: 'lobby', seq: 7 });
    expect(client.closed).toBe(true);
  });

  test('sends to a direct room by its title', async () => {
    const { client, run, printed } = setUp();
    client.joined = [direct('bob', { members: [member('alice'), member('bob')] })];
    const sending = run('send', '@bob', 'hello', '--json');
    while (client.sent.length === 0) await settle();
    client.sent[0]?.accept(7);
    await sending;
    expect(client.sent[0]?.room).toBe('dm-bob');
    expect(JSON.parse(printed())).toEqual({ room: '@bob', seq: 7 });
  });

  test('answers a message by its number', async () => {
    const { client, run } = setUp();
    client.joined = [view('lobby')];
    const sending = run('send', 'lobby', 'yes', '--reply-to', '#12');
    while (client.sent.length === 0) await settle();
    client.sent[0]?.accept(13);
    await sending;
    expect(client.sent[0]).toMatchObject({ text: 'yes', replyTo: 12 });
    expect(thrownCode(() => run('send', 'lobby', 'yes', '--reply-to', 'twelve'))).toBe('usage');
  });

  test('joins no room by itself', async () => {
    const { client, run } = setUp();
    expect(await rejectedCode(run('send', 'lobby', 'hello'))).toBe('not-joined');
    expect([client.joined, client.sent, client.closed]).toEqual([[], [], true]);
  });

  test('waits for the key, and puts nothing into the outbox before it has arrived', async () => {
    const { client, clock, run } = setUp();
    client.joined = [view('lobby', { hasKey: false })];
    const late = rejectedCode(run('send', 'lobby', 'hello', '--timeout', '5'));
    await settle();
    clock.advance(5_000);
    expect(await late).toBe('not-sent');
    expect(client.sent).toEqual([]);

    const sending = run('send', 'lobby', 'hello', '--timeout', '5');
    await settle();
    client.joined = [view('lobby')];
    client.emit({ kind: 'ready', roomId: 'r', roomName: 'lobby', epoch: 1 });
    await settle();
    client.sent[0]?.accept(1);
    await sending;
  });

  test('fails when the server does not confirm, and when there is nothing to send', async () => {
    const { client, clock, run } = setUp('\n');
    client.joined = [view('lobby')];
    const late = rejectedCode(run('send', 'lobby', 'hello'));
    await settle();
    clock.advance(30_000);
    expect(await late).toBe('not-confirmed');
    expect(await rejectedCode(run('send', 'lobby'))).toBe('nothing-to-send');
  });
});

describe('tail', () => {
  const recent = [1, 2, 3].map((seq) => ({ seq, user: 'bob', fingerprint: 'f', text: `m${seq}`, at: 0 }));

  test('prints the latest messages, then new ones, until it is stopped', async () => {
    const { client, stop, run, printed } = setUp();
    client.joined = [view('lobby', { latest: { seq: 3, at: 0 } })];
    client.kept.set('lobby', recent);
    const tailing = run('tail', 'lobby', '--limit', '2');
    await settle();
    client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'm4')));
    client.emit(roomEvent('attic', messageEvent(1, 'bob', 'elsewhere')));
    client.emit(roomEvent('lobby', { kind: 'joined', seq: 5, at: 0, user: 'carol', fingerprint: 'f' }));
    stop.abort();
    await tailing;
    expect(printed().match(/m\d/g)).toEqual(['m2', 'm3', 'm4']);
    expect(client.closed).toBe(true);
  });

  test('prints every event of the room as JSON, one in each line, safe to print', async () => {
    const { client, stop, run, printed } = setUp();
    client.joined = [view('lobby', { latest: { seq: 3, at: 0 } })];
    client.kept.set('lobby', recent);
    const tailing = run('tail', 'lobby', '--json', '--limit', '1');
    await settle();
    client.emit(roomEvent('lobby', messageEvent(4, 'bob', 'a\n\u009b31m\u202e')));
    client.emit(roomEvent('lobby', { kind: 'violation', code: 'fork', seq: 5, user: 'bob' }));
    client.emit({ kind: 'connection', status: 'offline', code: 'unreachable', reason: 'gone', retryInMs: 10 });
    stop.abort();
    await tailing;
    const text = printed();
    expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { kind: 'message', room: 'lobby', seq: 3, text: 'm3', mine: false, live: false },
      { kind: 'message', room: 'lobby', seq: 4, text: 'a\n\u009b31m\u202e', live: true },
      { kind: 'violation', room: 'lobby', code: 'fork', user: 'bob' },
      { kind: 'connection', room: 'lobby', status: 'offline' },
    ]);
  });

  test('names a direct room by its title', async () => {
    const { client, stop, run, printed } = setUp();
    client.joined = [direct('bob')];
    client.kept.set('dm-bob', recent.slice(0, 1));
    const tailing = run('tail', '@bob', '--json');
    await settle();
    client.emit(roomEvent('dm-bob', messageEvent(4, 'bob', 'm4')));
    stop.abort();
    await tailing;
    const lines = printed().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).room)).toEqual(['@bob', '@bob']);
  });

  test('prints since when a missing key is missing, and which members were asked for it', async () => {
    const { client, stop, run, printed } = setUp();
    client.joined = [view('lobby')];
    const tailing = run('tail', 'lobby');
    await settle();
    const wanted = { kind: 'key-wanted', roomId: 'id of lobby', roomName: 'lobby', epoch: 3, since: 0 } as const;
    client.emit({ ...wanted, asked: ['bob', 'carol'] });
    client.emit(roomEvent('lobby', { kind: 'unreadable', seq: 4, user: 'dave', epoch: 3, ...unread }));
    stop.abort();
    await tailing;
    expect(printed()).toMatch(
      /^\S+ \* a message of dave cannot be read: .* epoch 3 .* bob and carol were asked for it\n$/,
    );
  });

  test('prints the alarm about another log, after which nothing more of the room comes', async () => {
    const { client, stop, run, printed } = setUp();
    client.joined = [view('lobby')];
    const tailing = run('tail', 'lobby');
    await settle();
    client.emit({ kind: 'other-log', roomId: 'id of lobby', roomName: 'lobby' });
    stop.abort();
    await tailing;
    expect(printed()).toMatch(/^!! The server's log of lobby is not the one that you have read/);
  });

  test('ends after catching up with --no-follow', async () => {
    const { client, run, printed } = setUp();
    client.joined = [view('lobby', { caughtUp: false })];
    const tailing = run('tail', 'lobby', '--no-follow');
    await settle();
    client.joined = [view('lobby', { latest: { seq: 3, at: 0 } })];
    client.kept.set('lobby', recent);
    client.emit({ kind: 'caught-up', roomId: 'r', roomName: 'lobby' });
    await tailing;
    expect(printed().match(/m\d/g)).toEqual(['m1', 'm2', 'm3']);
  });

  test.each([['text'], ['--json']])(
    'fails with --no-follow after the messages that it has, if others cannot be read (%s)',
    async (form) => {
      const { client, run, printed } = setUp();
      client.joined = [view('lobby', { latest: { seq: 3, at: 0 } })];
      client.kept.set('lobby', recent);
      client.messages.areDamaged = true;
      const flags = form === '--json' ? [form] : [];
      expect(await rejectedCode(run('tail', 'lobby', '--no-follow', ...flags))).toBe('messages-damaged');
      expect(printed().match(/m\d/g)).toEqual(['m1', 'm2', 'm3']);
    },
  );

  test.each([['text'], ['--json']])('says once that messages cannot be read, and goes on (%s)', async (form) => {
    const { client, stop, run, reported } = setUp();
    client.joined = [view('lobby')];
    client.messages.areDamaged = true;
    const tailing = run('tail', 'lobby', ...(form === '--json' ? [form] : []));
    await settle();
    client.emit({ kind: 'trouble', code: 'messages-damaged', reason: 'A file is missing.' });
    stop.abort();
    await tailing;
    expect(reported().match(/Messages may be missing here/g)).toHaveLength(1);
  });

  test('fails when the server refuses for good, and for a room that is not joined', async () => {
    const { client, run } = setUp();
    client.joined = [view('lobby')];
    const refused = rejectedCode(run('tail', 'lobby'));
    await settle();
    client.emit({ kind: 'refused', code: 'login-refused', reason: 'no' });
    expect(await refused).toBe('login-refused');
    expect(await rejectedCode(run('tail', 'attic'))).toBe('not-joined');
  });
});
