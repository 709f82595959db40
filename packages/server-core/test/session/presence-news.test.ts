/** Changes of presence that follow closely share a push. */
import { limits } from '@chat/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Presence } from '../../src/domain/presence.ts';
import { PresenceNews } from '../../src/session/presence-news.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function newsOf(named: number, presenceGatherMs = 250) {
  const presence = new Presence(named);
  const sent: string[] = [];
  const news = new PresenceNews({
    presence,
    limits: { presenceGatherMs, presenceCountMs: 10_000 },
    send: (changes, connected) =>
      void sent.push([...changes.map(({ user, online }) => `${online ? '+' : '-'}${user}`), connected].join(' ')),
  });
  return {
    sent,
    news,
    arrive: (...users: string[]) => {
      for (const user of users) news.changed(presence.arrive(user));
    },
    depart: (...users: string[]) => {
      for (const user of users) news.changed(presence.depart(user));
    },
  };
}

test('sends the first change at once, and those of the next 250 ms together, in order', () => {
  const { sent, arrive, depart } = newsOf(10);
  arrive('alice', 'bob', 'carol');
  depart('bob');
  arrive('bob');
  expect(sent).toEqual(['+alice 1']);
  vi.advanceTimersByTime(250);
  expect(sent).toEqual(['+alice 1', '+bob +carol -bob +bob 3']);
  vi.advanceTimersByTime(250);
  depart('alice');
  expect(sent.at(-1)).toBe('-alice 2');
});

test('sends the number alone only when it has changed, and at most every ten seconds', () => {
  const { sent, arrive, depart } = newsOf(1);
  arrive('alice');
  vi.advanceTimersByTime(250);
  arrive('bob', 'carol');
  vi.advanceTimersByTime(9_999);
  expect(sent).toEqual(['+alice 1']);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(['+alice 1', '3']);
  arrive('dave');
  depart('dave');
  vi.advanceTimersByTime(20_000);
  expect(sent).toHaveLength(2);
});

test('sends no more changes in one push than a frame has room for', () => {
  const { sent, arrive } = newsOf(10_000);
  arrive(...Array.from({ length: 2 * limits.presenceChanges }, (_, index) => `user${index}`));
  vi.advanceTimersByTime(250);
  const counts = sent.map((push) => push.split(' ').length - 1);
  expect(counts.reduce((sum, count) => sum + count)).toBe(2 * limits.presenceChanges);
  expect(Math.max(...counts)).toBeLessThanOrEqual(limits.presenceChanges);
  expect(counts.length).toBeLessThan(6);
});

test('sends nothing after the last user has departed', () => {
  const { sent, news, arrive } = newsOf(10);
  arrive('alice', 'bob');
  news.stop();
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual(['+alice 1']);
  expect(vi.getTimerCount()).toBe(0);
});

test('gathers nothing where no time is set for it', () => {
  const { sent, arrive } = newsOf(10, 0);
  arrive('alice', 'bob');
  expect(sent).toEqual(['+alice 1', '+bob 2']);
});
