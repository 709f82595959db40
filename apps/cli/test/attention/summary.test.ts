/** The line on what is unread. */
import { expect, test } from 'vitest';
import { summaryLine, UnreadSummary } from '../../src/attention/summary.ts';
import { FakeClient } from '../support/fake-client.ts';
import { FakeClock } from '../support/fakes.ts';
import { direct, view } from '../support/samples.ts';

const at = new Date(2026, 10, 30, 22, 46).getTime();
const latest = { seq: 9, at, user: 'carol' };
const unread = (count: number, mentions = 0) => ({ count, mentions, first: 3 });

test('names mentions and direct rooms first, then the latest, with who wrote last and when; not the current room and quiet ones', () => {
  const rooms = [
    view('dev', { unread: unread(2), latest }),
    view('ops', { unread: unread(4, 1), latest: { ...latest, at: at - 60_000 } }),
    view('lobby', { unread: unread(9), latest }),
    view('noise', { unread: unread(50), latest, notify: 'none' }),
    view('read', { latest }),
    direct('bob', { unread: unread(1, 1), latest }),
  ];
  expect(summaryLine(rooms, 'lobby', at)).toBe(
    '7 unread: @bob 1, ops 4 (1 mention, carol, 22:45), dev 2 (carol, 22:46)',
  );
  expect(summaryLine(rooms.slice(4, 5), 'lobby', at)).toBeNull();
  const more = Array.from({ length: 10 }, (_, n) => view(`r${n}`, { unread: { ...unread(1000), more: true } }));
  expect(summaryLine(more, null, at)).toMatch(/^10000\+ unread: r0 1000\+, .*r7 1000\+, 2 more rooms$/);
});

function setUp() {
  const client = new FakeClient();
  const clock = new FakeClock();
  const lines: string[] = [];
  const summary = new UnreadSummary({ client, clock, current: () => null, print: (line) => lines.push(line) });
  const caughtUp = (name: string, caught = true) => view(name, { unread: unread(2), caughtUp: caught });
  const event = (name: string) => client.emit({ kind: 'caught-up', roomId: `id of ${name}`, roomName: name });
  return { client, clock, lines, summary, caughtUp, event };
}

test('is printed when all rooms are read to their ends, and after a reconnection only with something new', () => {
  const { client, clock, lines, summary, caughtUp, event } = setUp();
  client.joined = [caughtUp('dev'), caughtUp('ops', false)];
  summary.begin();
  event('dev');
  expect(lines).toEqual([]);
  client.joined = [caughtUp('dev'), caughtUp('ops')];
  event('ops');
  clock.advance(10_000);
  expect(lines).toEqual(['4 unread: dev 2, ops 2']);
  client.emit({ kind: 'connection', status: 'online' });
  event('dev');
  expect(lines).toHaveLength(1);
  client.joined = [caughtUp('dev'), view('ops', { unread: unread(3) })];
  client.emit({ kind: 'connection', status: 'online' });
  expect(lines).toEqual(['4 unread: dev 2, ops 2', '5 unread: dev 2, ops 3']);
  summary.close();
  client.joined = [caughtUp('dev')];
  client.emit({ kind: 'connection', status: 'online' });
  expect(lines).toHaveLength(2);
});

test('says what is known at once without a connection, and after a while if the server does not send the end of a room', () => {
  const offline = setUp();
  offline.client.online = false;
  offline.client.joined = [offline.caughtUp('dev', false)];
  offline.summary.begin();
  expect(offline.lines).toEqual(['2 unread: dev 2']);
  const slow = setUp();
  slow.client.joined = [
    slow.caughtUp('dev'),
    slow.caughtUp('ops', false),
    view('gone', { caughtUp: false, removed: true }),
  ];
  slow.summary.begin();
  expect(slow.lines).toEqual([]);
  slow.clock.advance(5_000);
  expect(slow.lines).toEqual(['4 unread: dev 2, ops 2']);
  slow.client.joined = [slow.caughtUp('dev'), slow.caughtUp('ops')];
  slow.event('ops');
  expect(slow.lines).toHaveLength(1);
});
