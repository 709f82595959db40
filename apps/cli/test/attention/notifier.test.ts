/** When the user is called, and how. */
import type { RoomView } from '@chat/client';
import { describe, expect, test } from 'vitest';
import { isQuiet, Notifier } from '../../src/attention/notifier.ts';
import { signal } from '../../src/attention/signals.ts';
import { terminalNotificationOf } from '../../src/config/terminal-notification.ts';
import { FakeClient } from '../support/fake-client.ts';
import { FakeClock } from '../support/fakes.ts';
import { direct, messageEvent, roomEvent, view } from '../support/samples.ts';

const unread = (first: number) => ({ count: 1, mentions: 1, first });

function setUp(...rooms: RoomView[]) {
  const client = new FakeClient(...rooms);
  const clock = new FakeClock();
  const calls: string[] = [];
  const watched = new Set<string>();
  const notifier = new Notifier({
    ...{ client, clock },
    isWatching: (roomName) => watched.has(roomName),
    call: ({ text }) => calls.push(text),
  });
  const say = (roomName: string, seq: number, user: string, text: string, live = true) =>
    client.emit(roomEvent(roomName, messageEvent(seq, user, text), live));
  return { client, clock, calls, watched, say, notifier };
}

describe('a notification', () => {
  test('calls for mentions and direct rooms by default, with author and room only, and for all or none if the user says so', () => {
    const { client, clock, calls, say } = setUp(
      view('dev', { unread: unread(1) }),
      direct('bob', { unread: unread(1) }),
    );
    say('dev', 1, 'bob', 'hello all');
    say('dev', 2, 'alice', 'my own @alice');
    clock.advance(2_000);
    expect(calls).toEqual([]);
    say('dev', 3, 'bob', 'the code is 1234, @alice');
    clock.advance(2_000);
    say('dm-bob', 4, 'bob', 'ring me');
    clock.advance(2_000);
    expect(calls.splice(0)).toEqual(['bob wrote in dev', 'bob wrote to you']);
    client.joined = [
      view('dev', { unread: unread(1), notify: 'all' }),
      direct('bob', { unread: unread(1), notify: 'none' }),
    ];
    say('dev', 5, 'bob', 'hello all');
    say('dm-bob', 6, 'bob', 'ring me');
    clock.advance(2_000);
    expect(calls).toEqual(['bob wrote in dev']);
  });

  test('calls once for several messages, and with the text if the user wants it, without what a terminal obeys', async () => {
    const { client, clock, calls, say } = setUp(
      view('dev', { unread: unread(1) }),
      direct('bob', { unread: unread(1) }),
    );
    say('dev', 1, 'bob', '@alice one');
    say('dm-bob', 1, 'bob', 'two');
    clock.advance(2_000);
    await client.attention.change({ notifyBy: ['bell', 'text'] });
    say('dev', 2, 'bob', '@alice \u001b]52;c;aGk=\u0007\nthree');
    clock.advance(2_000);
    say('dm-bob', 2, 'bob', 'four');
    clock.advance(2_000);
    expect(calls).toEqual(['2 messages in dev, @bob', 'bob in dev: @alice three', 'bob: four']);
  });

  test('does not call for what was caught up with, watched, read in another window, or said by a user who is muted or blocked', async () => {
    const { client, clock, calls, watched, say, notifier } = setUp(view('dev', { unread: unread(1) }));
    say('dev', 1, 'bob', '@alice backlog', false);
    clock.advance(2_000);
    watched.add('dev');
    say('dev', 2, 'bob', '@alice seen');
    clock.advance(2_000);
    watched.clear();
    say('dev', 3, 'bob', '@alice read elsewhere');
    await client.attention.markRead('dev', 3);
    clock.advance(2_000);
    client.joined = [view('dev', { unread: unread(1) })];
    await client.attention.change({ muted: ['bob'], blocked: ['carol'] });
    say('dev', 4, 'bob', '@alice muted');
    say('dev', 5, 'carol', '@alice blocked');
    clock.advance(2_000);
    notifier.close();
    say('dev', 6, 'dave', '@alice closed');
    clock.advance(2_000);
    expect(calls).toEqual([]);
  });

  test('does not call in the quiet hours, which may pass midnight', async () => {
    const { client, clock, calls, say } = setUp(view('dev', { unread: unread(1) }));
    const now = new Date(clock.now() + 1_000);
    const minute = now.getHours() * 60 + now.getMinutes();
    await client.attention.change({ quietHours: { from: minute, to: (minute + 60) % 1440 } });
    say('dev', 1, 'bob', '@alice');
    clock.advance(1_000);
    expect(calls).toEqual([]);
    const at = (hours: number, minutes: number) => new Date(2026, 10, 30, hours, minutes).getTime();
    const night = { from: 22 * 60, to: 7 * 60 };
    const times = [at(21, 59), at(22, 0), at(23, 59), at(0, 0), at(6, 59), at(7, 0)];
    expect(times.map((time) => isQuiet(night, time))).toEqual([false, true, true, true, true, false]);
    expect([isQuiet({ from: 60, to: 120 }, at(1, 30)), isQuiet({ from: 60, to: 120 }, at(2, 0))]).toEqual([
      true,
      false,
    ]);
    expect(isQuiet(null, at(1, 0))).toBe(false);
  });
});

describe('a signal', () => {
  const called = (
    terminal: 'osc-9' | 'osc-777' | null,
    ways: readonly ('bell' | 'terminal' | 'desktop' | 'text')[],
  ) => {
    const written: string[] = [];
    const desktop: string[] = [];
    const signals = {
      write: (codes: string) => void written.push(codes),
      terminal,
      desktop: (t: string) => void desktop.push(t),
    };
    signal(signals, { text: 'bob wrote\u0007 in dev', ways });
    return [written.join(''), ...desktop];
  };

  test('goes each way that the user wants and that there is', () => {
    expect(called('osc-9', ['bell', 'terminal'])).toEqual(['\u001b]9;bob wrote in dev\u0007\u0007']);
    expect(called('osc-777', ['terminal', 'desktop'])).toEqual([
      '\u001b]777;notify;chat;bob wrote in dev\u0007',
      'bob wrote in dev',
    ]);
    expect(called(null, ['terminal', 'text'])).toEqual(['']);
    expect(called(null, ['bell'])).toEqual(['\u0007']);
  });

  test.each([
    ['osc-9', { TERM_PROGRAM: 'iTerm.app', TERM: 'xterm-256color' }],
    ['osc-9', { TERM: 'xterm-kitty' }],
    ['osc-777', { TERM: 'rxvt-unicode-256color' }],
    [null, { TERM: 'xterm-256color', TERM_PROGRAM: 'constructor' }],
    [null, { TERM: 'foot', TMUX: '/tmp/tmux-1000/default,1,0' }],
  ] as const)('the terminal shows %s for %o', (code, variables) => {
    expect(terminalNotificationOf(variables)).toBe(code);
  });
});
