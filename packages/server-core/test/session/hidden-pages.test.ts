/** What newcomers get of messages that they may not read is read once for all of them, within a bound. */
import { encodeRoomNumber, FrameDecoder, push } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { HiddenItem, Range } from '../../src/domain/damage/hidden-range.ts';
import { HiddenPages } from '../../src/session/hidden-pages.ts';
import { positionsOf } from '../support/test-client.ts';

const room = 'ab'.repeat(32);

/** A room of messages, of which some are damaged. */
class FakeFeed {
  readonly number: number;
  damaged: readonly number[] = [];
  reads: Range[] = [];

  constructor(number: number) {
    this.number = number;
  }

  readonly log = {
    id: room,
    readHidden: async (range: Range): Promise<readonly HiddenItem[]> => {
      this.reads.push(range);
      const items: HiddenItem[] = [];
      for (let seq = range.after + 1; seq <= range.last; seq++) {
        const gap = { seq, hash: null, type: null, cause: 'damaged' } as const;
        items.push(this.damaged.includes(seq) ? gap : { seq, hashes: new Uint8Array(32).fill(seq % 256) });
      }
      return items;
    },
  };

  readonly frameOf = () => new Uint8Array(0);
}

/** Reads all pages, and returns the positions in their frames. */
async function positions(pages: HiddenPages, feed: FakeFeed, last: number): Promise<number[]> {
  const decoder = new FrameDecoder();
  expect([...decoder.push(encodeRoomNumber(feed.number, room))]).toEqual([]);
  const found: number[] = [];
  for (let after = 0; after < last; ) {
    const page = await pages.read(feed, { after, last });
    for (const frame of decoder.push(page.frames)) found.push(...positionsOf(push.parse(frame) as { seq: number }));
    after = page.last;
  }
  return found;
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('reads whole pages once, and what is after them each time', async () => {
  const pages = new HiddenPages();
  const feed = new FakeFeed(1);
  expect(await positions(pages, feed, 2_500)).toEqual(upTo(2_500));
  feed.reads = [];
  expect(await positions(pages, feed, 2_600)).toEqual(upTo(2_600));
  expect(feed.reads).toEqual([{ after: 2_048, last: 2_600 }]);
  // The room has another number when it is followed again, and another room has other pages.
  const again = new FakeFeed(2);
  expect(await positions(pages, again, 1_024)).toEqual(upTo(1_024));
  expect(again.reads).toEqual([]);
  const other = new FakeFeed(3);
  other.log.id = 'cd'.repeat(32);
  expect(await positions(pages, other, 1_024)).toEqual(upTo(1_024));
  expect(other.reads).toEqual([{ after: 0, last: 1_024 }]);
});

test('begins anywhere', async () => {
  const pages = new HiddenPages();
  const feed = new FakeFeed(1);
  await positions(pages, feed, 2_048);
  const { frames, last } = await pages.read(feed, { after: 1_000, last: 2_048 });
  expect(last).toBe(1_024);
  const decoder = new FrameDecoder();
  const pushes = [...decoder.push(Buffer.concat([encodeRoomNumber(1, room), frames]))];
  expect(pushes.flatMap((each) => positionsOf(each as { seq: number }))).toEqual(upTo(1_024).slice(1_000));
});

test('keeps no page with a damaged entry, which a member may give back', async () => {
  const pages = new HiddenPages();
  const feed = new FakeFeed(1);
  feed.damaged = [7];
  await positions(pages, feed, 2_048);
  feed.damaged = [];
  expect(await positions(pages, feed, 2_048)).toEqual(upTo(2_048));
});

test('keeps pages up to a bound of bytes: those that were used last', async () => {
  // Each stub has a frame of its own here.
  const pages = new HiddenPages(2 * 1_024 * 47);
  const feed = new FakeFeed(1);
  await positions(pages, feed, 3 * 1_024);
  expect(pages.bytes).toBe(2 * 1_024 * 47);
  feed.reads = [];
  await pages.read(feed, { after: 1_024, last: 3_072 });
  await pages.read(feed, { after: 0, last: 3_072 });
  await pages.read(feed, { after: 1_024, last: 3_072 });
  expect(feed.reads.map(({ after }) => after)).toEqual([0]);
  expect(pages.bytes).toBe(2 * 1_024 * 47);
});
