/** What counts as unread, in whatever order a room is read: against a list of what was said and shown. */
import type { ReadMessageEvent } from '@chat/room';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type HowMarked,
  markAfter,
  maxUnread,
  type ReadMark,
  readUpTo,
  unreadView,
} from '../../src/attention/read-mark.ts';

const me = 'alice';
type User = 'alice' | 'bob' | 'carol';

const hashOf = (seq: number) => seq.toString(16).padStart(64, '0');

const head = (seq: number, user: User) => ({
  ...{ seq, user, fingerprint: user.padEnd(64, '0'), at: seq * 1000, epoch: 1, hash: hashOf(seq) },
});

const spoken = (seq: number, user: User, text = 'hi'): ReadMessageEvent => ({
  ...head(seq, user),
  kind: 'message',
  text,
});
const change = (seq: number, user: User, target: number, kind: 'edited' | 'deleted' | 'hidden', text = '') =>
  ({ ...head(seq, user), kind, text, target: { seq: target, hash: hashOf(target) }, earlierKeys: [] }) as const;

const none: ReadMark = { upTo: 0, unread: [] };
const how: HowMarked = { me, since: 0 };
const all = { isDirect: false, isIgnored: () => false };

describe('a mark', () => {
  test('counts messages of others after it, and names the first one and the mentions', () => {
    const mark = markAfter(none, [spoken(3, 'bob'), spoken(4, 'alice'), spoken(5, 'carol', 'see @alice')], how);
    expect(unreadView(mark, all)).toEqual({ count: 2, mentions: 1, first: 3 });
    expect(unreadView(readUpTo(mark, 3), all)).toEqual({ count: 1, mentions: 1, first: 5 });
    expect(unreadView(readUpTo(mark, 5), all)).toEqual({ count: 0, mentions: 0, first: null });
  });

  test('counts each message of a direct room as a mention, and none of a user who is ignored', () => {
    const mark = markAfter(none, [spoken(3, 'bob'), spoken(4, 'carol', '@alice')], how);
    expect(unreadView(mark, { ...all, isDirect: true })).toEqual({ count: 2, mentions: 2, first: 3 });
    const isIgnored = (user: string) => user === 'carol';
    expect(unreadView(mark, { ...all, isIgnored })).toEqual({ count: 1, mentions: 0, first: 3 });
  });

  test('counts what was said before the user could read not at all', () => {
    expect(markAfter(none, [spoken(3, 'bob'), spoken(8, 'bob')], { me, since: 5 }).unread).toMatchObject([{ seq: 8 }]);
  });

  test('counts a message whose key came late, also if what follows it is read', () => {
    const mark = readUpTo(markAfter(none, [spoken(9, 'bob')], how), 9);
    const late = markAfter(mark, [spoken(4, 'bob')], { ...how, late: true });
    expect(unreadView(late, all)).toEqual({ count: 1, mentions: 0, first: 4 });
    expect(unreadView(readUpTo(late, 4), all).count).toBe(0);
  });

  test('follows a change of its author only, and of who may hide', () => {
    const mark = markAfter(none, [spoken(1, 'bob'), spoken(2, 'bob'), spoken(3, 'bob')], how);
    const forged = [change(4, 'carol', 1, 'deleted'), change(5, 'carol', 1, 'edited', '@alice')];
    expect(markAfter(mark, forged, how)).toBe(mark);
    const changed = [
      change(4, 'bob', 1, 'deleted'),
      change(5, 'carol', 2, 'hidden'),
      change(6, 'bob', 3, 'edited', '@alice'),
    ];
    expect(unreadView(markAfter(mark, changed, how), all)).toEqual({ count: 1, mentions: 1, first: 3 });
  });

  test('remembers the latest of too many, and that there were more until they are read', () => {
    const many = Array.from({ length: maxUnread + 5 }, (_, at) => spoken(at + 1, 'bob'));
    const mark = markAfter(none, many, how);
    expect(unreadView(mark, all)).toEqual({ count: maxUnread, mentions: 0, first: 6, more: true });
    expect(unreadView(readUpTo(mark, 3), all).more).toBe(true);
    expect(unreadView(readUpTo(mark, 6), all)).toEqual({ count: maxUnread - 1, mentions: 0, first: 7 });
  });
});

type Step =
  | { readonly kind: 'say'; readonly user: User; readonly text: string; readonly isLate: boolean }
  | {
      readonly kind: 'change';
      readonly user: User;
      readonly target: number;
      readonly what: 'edited' | 'deleted' | 'hidden';
      readonly text: string;
    }
  | { readonly kind: 'read'; readonly share: number }
  | { readonly kind: 'key' | 'restart' | 'again' };

const user = fc.constantFrom<User[]>('alice', 'bob', 'carol');
const text = fc.constantFrom('hi', 'hi @alice', '@bob');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('say' as const), user, text, isLate: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('change' as const), user, text, target: fc.integer({ min: 1, max: 30 }) },
      what: fc.constantFrom('edited' as const, 'deleted' as const, 'hidden' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('read' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('key' as const, 'restart' as const, 'again' as const) }) },
);

/** A message as the model knows it. */
interface Said {
  readonly seq: number;
  readonly user: User;
  text: string;
  isRead: boolean;
  isDeleted: boolean;
}

test('counts what a list of messages has that were not shown, with late keys, changes, restarts and logs that are read again', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
      let mark = none;
      let seq = 0;
      const said: Said[] = [];
      /** What was read from the log, without the messages that wait for a key. */
      const events: ReadMessageEvent[] = [];
      const waiting = new Map<number, ReadMessageEvent[]>();
      const model = (event: ReadMessageEvent) => {
        if (event.kind === 'message') {
          const { user: by, text: words } = event;
          said.push({ seq: event.seq, user: by as User, text: words, isRead: by === me, isDeleted: false });
          return;
        }
        if (!('target' in event)) return;
        const target = said.find((each) => each.seq === event.target.seq && each.seq < event.seq);
        if (target === undefined || (event.kind !== 'hidden' && target.user !== event.user)) return;
        if (event.kind === 'edited') target.text = event.text;
        else target.isDeleted = true;
      };
      const take = (event: ReadMessageEvent) => {
        events.push(event);
        mark = markAfter(mark, [event], how);
        model(event);
      };
      for (const each of steps) {
        if (each.kind === 'say') {
          seq += 1;
          const event = spoken(seq, each.user, each.text);
          if (each.isLate) waiting.set(seq, [event]);
          else take(event);
        } else if (each.kind === 'change') {
          seq += 1;
          const event = change(seq, each.user, each.target, each.what, each.text);
          waiting.get(each.target)?.push(event);
          take(event);
        } else if (each.kind === 'read') {
          const upTo = Math.round(each.share * seq);
          mark = readUpTo(mark, upTo);
          for (const message of said) if (message.seq <= upTo) message.isRead = true;
        } else if (each.kind === 'key') {
          for (const late of waiting.values()) {
            mark = markAfter(mark, late, { ...how, late: true });
            for (const event of late) model(event);
          }
          waiting.clear();
        } else if (each.kind === 'restart') mark = JSON.parse(JSON.stringify(mark)) as ReadMark;
        else mark = markAfter(mark, events, how);
      }
      const unread = said.filter(({ isRead, isDeleted }) => !isRead && !isDeleted).sort((a, b) => a.seq - b.seq);
      expect(unreadView(mark, all)).toEqual({
        count: unread.length,
        mentions: unread.filter((message) => message.text.includes('@alice')).length,
        first: unread[0]?.seq ?? null,
      });
    }),
    { numRuns: 500 },
  );
});
