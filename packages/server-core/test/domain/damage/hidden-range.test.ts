/** Hidden messages are sent as their hashes, unless these do not lead from one log hash to the next. */
import { emptyLogHash, encodePayload, entryHash, fromHex, nextLogHash, toHex } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HiddenItem, readHiddenRange } from '../../../src/domain/damage/hidden-range.ts';
import type { CheckedEntry } from '../../../src/domain/damage/log-check.ts';
import type { LogPlace, StoredEntry } from '../../../src/index.ts';

const room = 'a'.repeat(64);
type Type = 'create' | 'join' | 'message';

function logOf(types: readonly Type[]): StoredEntry[] {
  let logHash = emptyLogHash(room);
  return types.map((type, index) => {
    const seq = index + 1;
    const payload = encodePayload({ v: 1, type, seq });
    const entry = { type, payload, by: 'b'.repeat(64), signature: new Uint8Array(9) };
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type, hash });
    return { seq, at: 1, hash, logHash, entry };
  });
}

/** Reads a part of a log from these places, and returns which positions were read as whole entries. */
async function read(log: readonly StoredEntry[], after: number, last: number, places: readonly LogPlace[]) {
  const whole: number[] = [];
  const items = await readHiddenRange(
    room,
    { after, last },
    {
      store: {
        places: async (_, from, limit) => places.filter(({ seq }) => seq > from).slice(0, limit),
      },
      // Two at a time, so that a range takes several pages.
      readPage: async (from, to) => {
        const page = log.slice(from, Math.min(to, from + 2));
        whole.push(...page.map(({ seq }) => seq));
        return page as CheckedEntry[];
      },
    },
  );
  return { items, whole };
}

const placesOf = (log: readonly StoredEntry[]): LogPlace[] =>
  log.map(({ seq, hash, logHash, entry: { type } }) => ({ seq, hash, logHash, type }));

/** Returns position and hash of everything. */
const hashesOf = (items: readonly HiddenItem[]) =>
  items.flatMap((item) => {
    if (!('hashes' in item)) return [[item.seq, item.hash]];
    return Array.from({ length: item.hashes.length / 32 }, (_, index) => [
      item.seq + index,
      toHex(item.hashes.subarray(32 * index, 32 * (index + 1))),
    ]);
  });

const types = fc
  .array(fc.constantFrom<Type>('message', 'message', 'message', 'join'), { minLength: 1, maxLength: 20 })
  .map((rest): Type[] => ['create', ...rest]);

test('has every position once and in order, and reads no message as a whole', async () => {
  await fc.assert(
    fc.asyncProperty(types, fc.nat(), fc.nat(), async (all, from, to) => {
      const log = logOf(all);
      const after = from % log.length;
      const last = after + 1 + (to % (log.length - after));
      const { items, whole } = await read(log, after, last, placesOf(log));
      expect(hashesOf(items)).toEqual(log.slice(after, last).map(({ seq, hash }) => [seq, hash]));
      expect(whole).toEqual(
        log.slice(after, last).flatMap(({ seq, entry }) => (entry.type === 'message' ? [] : [seq])),
      );
    }),
  );
});

test('sends no hash that the disk has changed: its messages are read as a whole, with all checks', async () => {
  const log = logOf(['create', 'message', 'message', 'join', 'message', 'message']);
  const flip = (hex: string) => toHex(fromHex(hex).map((byte, index) => (index === 5 ? byte ^ 1 : byte)));
  const changed = (seq: number, change: (place: LogPlace) => Partial<LogPlace>) =>
    placesOf(log).map((place) => (place.seq === seq ? { ...place, ...change(place) } : place));
  const wholeWith = async (places: readonly LogPlace[]) => (await read(log, 0, 6, places)).whole;
  expect(await wholeWith(placesOf(log))).toEqual([1, 4]);
  expect(await wholeWith(changed(3, ({ hash }) => ({ hash: flip(hash) })))).toEqual([1, 2, 3, 4]);
  expect(await wholeWith(changed(3, ({ hash }) => ({ hash: hash.slice(2) })))).toEqual([1, 2, 3, 4]);
  expect(await wholeWith(changed(3, ({ logHash }) => ({ logHash: flip(logHash) })))).toEqual([1, 2, 3, 4]);
  expect(await wholeWith(changed(4, ({ logHash }) => ({ logHash: flip(logHash) })))).toEqual([1, 4, 5, 6]);
  // A `join` whose type became that of a message must not be hidden.
  expect(await wholeWith(changed(4, () => ({ type: 'message' })))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await wholeWith(placesOf(log).filter(({ seq }) => seq !== 2))).toEqual([1, 2, 3, 4]);
});
