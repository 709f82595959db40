/** What the user sees of the message column. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogRows, type Position } from '../../../src/full-screen/layout/log-rows.ts';
import { emptyLog, type RoomLog, withMessage, withNote } from '../../../src/full-screen/model/room-log.ts';
import { noColours } from '../../../src/screen/palette.ts';
import { fingerprint } from '../../support/samples.ts';

const scene = { palette: noColours, time: () => '14:03', me: 'alice' };
const day = 24 * 60 * 60_000;

const said = fc.record({ text: fc.string({ maxLength: 120 }), days: fc.nat(2), isNote: fc.boolean() });

const logOf = (all: readonly { text: string; days: number; isNote: boolean }[]): RoomLog =>
  all.reduce((log, { text, days, isNote }, index) => {
    const at = days * day;
    const message = { seq: index + 1, user: 'bob', fingerprint, text, at };
    return isNote ? withNote(log, `note ${index}`, at) : withMessage(log, message);
  }, emptyLog);

const textsOf = (rows: ReturnType<LogRows['seen']>['rows']): readonly string[] =>
  rows.map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

test('scrolling up and down shows each row once, in order, and ends at the end', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 12 }), fc.integer({ min: 1, max: 7 }), (all, height) => {
      const log = logOf(all);
      const rows = new LogRows(scene);
      rows.setWidth(30);
      const whole = textsOf(rows.seen(log, null, 400, 0).rows).filter(
        (text, at, list) => text !== '' || at > list.findIndex((each) => each !== ''),
      );
      const screens: (readonly string[])[] = [];
      let position: Position | null = null;
      for (let step = 0; step < 400; step += 1) {
        screens.push(textsOf(rows.seen(log, position, height, 0).rows));
        if (rows.seen(log, position, height, 1).above === 0) break;
        position = rows.up(log, position, 1, height);
      }
      // Each step up shows one row more at the top.
      const seen = [...screens.map(([first = '']) => first).reverse(), ...(screens[0] ?? []).slice(1)];
      expect(seen.slice(-whole.length)).toEqual(whole.slice(-seen.length));
      for (let step = 1; step < screens.length; step += 1) position = rows.down(log, position, 1);
      expect(position).toBeNull();
    }),
    { numRuns: 60 },
  );
});

test('a position stays at its message when others are added below', () => {
  const rows = new LogRows(scene);
  rows.setWidth(30);
  const log = logOf([1, 2, 3].map((n) => ({ text: `text ${n}`, days: 0, isNote: false })));
  const position = rows.up(log, null, 1, 2);
  const more = withMessage(log, { seq: 9, user: 'bob', fingerprint, text: 'news', at: 0 });
  expect(textsOf(rows.seen(more, position, 2, 0).rows)).toEqual(['#1 14:03 bob: text 1', '#2 14:03 bob: text 2']);
});
