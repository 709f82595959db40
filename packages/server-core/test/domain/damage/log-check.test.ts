/** A stored entry of which any byte has changed is not served, and the entries beside it are. */
import { emptyLogHash, encodePayload, entryHash, nextLogHash } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogCheck } from '../../../src/domain/damage/log-check.ts';
import type { DeletedMessage, StoredEntry } from '../../../src/index.ts';

const room = 'a'.repeat(64);

function logOf(texts: readonly string[]): StoredEntry[] {
  let logHash = emptyLogHash(room);
  return texts.map((text, index) => {
    const seq = index + 1;
    const type = index === 0 ? 'create' : 'message';
    const payload = encodePayload({ v: 1, type, text });
    const entry = { type, payload, by: 'b'.repeat(64), signature: new Uint8Array(9) } as const;
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type, hash });
    return { seq, at: 1, hash, logHash, entry };
  });
}

type Field = 'type' | 'payload' | 'by' | 'signature' | 'hash' | 'logHash';

/** Changes one bit of one character of a field. */
function rot(stored: StoredEntry, field: Field, place: number, bit: number): StoredEntry {
  const flip = (text: string) => {
    const at = place % text.length;
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
  };
  if (field === 'hash' || field === 'logHash') return { ...stored, [field]: flip(stored[field]) };
  const value = stored.entry[field];
  const flipped =
    typeof value === 'string'
      ? flip(value)
      : value.map((byte, at) => (at === place % value.length ? byte ^ (1 << bit) : byte));
  return { ...stored, entry: { ...stored.entry, [field]: flipped } };
}

/** Checks rows as one page after the position before the first of them. */
function checked(rows: readonly (StoredEntry | DeletedMessage)[], before: string) {
  const damage: [number, string][] = [];
  const check = new LogCheck(before, (seq, what) => damage.push([seq, what]));
  return { items: rows.map((each) => check.check(each)), damage };
}

const entryFields = ['type', 'payload', 'by', 'signature'] as const;
const texts = fc.array(fc.string(), { minLength: 3, maxLength: 6 });

/** Logs of which one bit has changed in one of these fields, at the index `at`, with the result of their check. */
function oneBitChanged(...fields: readonly Field[]) {
  const change = { said: texts, row: fc.nat(), field: fc.constantFrom(...fields), place: fc.nat(), bit: fc.nat(6) };
  return fc.record(change).map(({ said, row, field, place, bit }) => {
    const log = logOf(said);
    const at = row % log.length;
    const rows = log.map((each, index) => (index === at ? rot(each, field, place, bit) : each));
    return { log, at, ...checked(rows, emptyLogHash(room)) };
  });
}

test('passes sound entries on unchanged', () => {
  fc.assert(
    fc.property(texts, (said) => {
      const log = logOf(said);
      expect(checked(log, emptyLogHash(room))).toEqual({ items: log, damage: [] });
    }),
  );
});

test('puts a gap with the right hash and type in place of an entry with a changed bit, and passes all others on', () => {
  fc.assert(
    fc.property(oneBitChanged(...entryFields), ({ log, at, items, damage }) => {
      const { seq, hash, entry } = log[at] as StoredEntry;
      const gap = { seq, hash, type: entry.type, cause: 'damaged' };
      expect(items).toEqual(log.map((each, index) => (index === at ? gap : each)));
      expect(damage).toEqual([[seq, 'entry']]);
    }),
  );
});

test('serves a sound entry one of whose hashes has a changed bit, with the right hash, and reports it', () => {
  fc.assert(
    fc.property(oneBitChanged('hash', 'logHash'), ({ log, at, items, damage }) => {
      expect(items.map((item) => ('entry' in item ? [item.hash, item.entry] : item))).toEqual(
        log.map(({ hash, entry }) => [hash, entry]),
      );
      expect(damage).toEqual([[at + 1, 'hash']]);
    }),
  );
});

test('names no hash where neither the entry nor its hashes agree', () => {
  const log = logOf(['a', 'b', 'c']);
  const rows = log.map((each, index) => (index === 1 ? rot(rot(each, 'payload', 9, 0), 'hash', 5, 1) : each));
  expect(checked(rows, emptyLogHash(room)).items[1]).toEqual({ seq: 2, hash: null, type: null, cause: 'damaged' });
});

test('puts a gap in place of a deleted message, and names no hash where the log hash does not confirm it', () => {
  const log = logOf(['a', 'b', 'c', 'd']);
  const deleted = log.map((each, index) => {
    const { seq, hash, logHash } = each;
    return index === 1 || index === 2 ? { seq, hash, logHash, deletedAt: 1 } : each;
  });
  const gap = (seq: number) => ({ seq, hash: log[seq - 1]?.hash, type: 'message', cause: 'expired' });
  expect(checked(deleted, emptyLogHash(room))).toEqual({ items: [log[0], gap(2), gap(3), log[3]], damage: [] });
  for (const field of ['hash', 'logHash'] as const) {
    const rows = deleted.map((each, index) => {
      if (index !== 1) return each;
      const flipped = `${each[field][0] === '0' ? 1 : 0}${each[field].slice(1)}`;
      return { ...each, [field]: flipped };
    });
    const { items, damage } = checked(rows, emptyLogHash(room));
    expect(items).toEqual([log[0], { seq: 2, hash: null, type: null, cause: 'damaged' }, expect.anything(), log[3]]);
    expect(damage[0]).toEqual([2, 'hash']);
  }
});
