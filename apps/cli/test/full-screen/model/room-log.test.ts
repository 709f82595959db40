/** The log of a room, as the message column shows it. */
import { expect, test } from 'vitest';
import {
  emptyLog,
  type Item,
  type RoomLog,
  withChange,
  withEarlier,
  withLatest,
  withMessage,
  withNote,
  withRule,
} from '../../../src/full-screen/model/room-log.ts';
import { fingerprint } from '../../support/samples.ts';

const message = (seq: number, text = `text ${seq}`) => ({ seq, user: 'bob', fingerprint, text, at: seq });
const messages = (...seqs: readonly number[]) => seqs.map((seq) => message(seq));
const shown = ({ items }: RoomLog): readonly string[] =>
  items.map((item: Item) => (item.kind === 'note' ? item.text : item.message.text));

test('a log that is read again keeps its notes between the messages where they were said', () => {
  const early = withNote(emptyLog, 'before all', 4);
  const log = withNote(
    withMessage(withNote(withMessage(early, message(5)), 'after five', 5), message(6)),
    'after six',
    6,
  );
  const all = ['before all', 'text 5', 'after five', 'text 6', 'after six', 'text 7'];
  expect(shown(withLatest(log, messages(5, 6, 7)))).toEqual(all);
  expect(shown(withLatest(log, messages(6, 7)))).toEqual(all.filter((text) => text !== 'text 5'));
  // What was said between messages that are not shown any more is not shown either.
  expect(shown(withLatest(log, messages(8, 9)))).not.toContain('after five');
});

test('earlier pages come before, once, until there are no more', () => {
  const log = withEarlier(withMessage(emptyLog, message(5)), messages(3, 4, 5));
  expect(shown(log)).toEqual(['text 3', 'text 4', 'text 5']);
  expect(log.isWhole).toBe(false);
  expect(withEarlier(log, []).isWhole).toBe(true);
});

test('a change takes the place of the message, which keeps what it answers', () => {
  const replyTo = { seq: 1, user: 'alice', fingerprint, text: 'why?' };
  const log = withMessage(withMessage(emptyLog, { ...message(5), replyTo }), message(6));
  const changed = withChange(log, { ...message(5, 'because'), editedAt: 9 });
  expect(changed?.items[0]).toMatchObject({ message: { text: 'because', editedAt: 9, replyTo } });
  expect(withChange(log, message(4))).toBeNull();
});

test('the line before the first unread message stands there once, and goes when there is none', () => {
  const log = withLatest(emptyLog, messages(5, 6, 7));
  const first = withRule(log, { text: 'new', before: 6 }, 9);
  expect(shown(first)).toEqual(['text 5', 'new', 'text 6', 'text 7']);
  const again = withRule(withLatest(first, messages(5, 6, 7, 8)), { text: 'new', before: 8 }, 9);
  expect(shown(again)).toEqual(['text 5', 'text 6', 'text 7', 'new', 'text 8']);
  expect(shown(withRule(again, null, 9))).toEqual(['text 5', 'text 6', 'text 7', 'text 8']);
  expect(shown(withRule(emptyLog, { text: 'new', before: 3 }, 9))).toEqual(['new']);
});

test('a log has a bounded number of items, the latest ones', () => {
  const full = withEarlier(emptyLog, messages(...Array.from({ length: 12_000 }, (_, at) => at + 1)));
  expect(full.items).toHaveLength(12_000);
  const log = withMessage(full, message(12_001));
  expect(log.items).toHaveLength(10_000);
  expect(log.items.at(-1)).toMatchObject({ id: '#12001' });
  expect(log.isWhole).toBe(false);
});
