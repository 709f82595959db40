/** The hashes of an epoch's wraps, sheet by sheet. */
import { WrapTree, wrapBytes, wrapLeaf } from '@chat/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SheetHashes } from '../../src/ports/wrap-sheet.ts';

const part = (bytes: Uint8Array, index: number, length: number) => bytes.subarray(length * index, length * (index + 1));

/** Returns a list of so many recipients, of which every third has no wrap. */
function listOf(size: number) {
  const recipients = new Uint8Array(32 * size);
  const slots = new Uint8Array(wrapBytes * size);
  for (let index = 0; index < size; index++) {
    part(recipients, index, 32).fill(index % 251);
    if (index % 3 > 0) part(slots, index, wrapBytes).fill((index % 250) + 1);
  }
  return { recipients, slots };
}

function wholeTree({ recipients, slots }: ReturnType<typeof listOf>): WrapTree {
  const leaves = new Uint8Array(recipients.length);
  for (let index = 0; 32 * index < leaves.length; index++)
    leaves.set(wrapLeaf(part(recipients, index, 32), part(slots, index, wrapBytes)), 32 * index);
  return new WrapTree(leaves);
}

test('are those of one tree over all wraps, whichever wraps come later', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.array(fc.nat(299), { maxLength: 5 }), (size, changes) => {
      const list = listOf(size);
      const hashes = new SheetHashes(list);
      expect(hashes.commitment).toBe(wholeTree(list).commitment);
      for (const change of changes.filter((index) => index < size)) {
        part(list.slots, change, wrapBytes).fill(251);
        hashes.changed(change);
        expect(hashes.commitment).toBe(wholeTree(list).commitment);
      }
      const tree = wholeTree(list);
      for (const { place, size: all, above } of hashes.sheets()) {
        const path = size > 32 ? tree.path({ level: 5, index: place / 32 }) : new Uint8Array(0);
        expect([all, above]).toEqual([size, path]);
      }
    }),
    { numRuns: 60 },
  );
});

test('are made for 32 recipients at a time, and again only where a wrap has changed', () => {
  const hashes = new SheetHashes(listOf(1_000));
  const made = () => [...hashes.fill()].length;
  expect(made()).toBe(32);
  expect(made()).toBe(0);
  for (const index of [0, 31, 32, 999]) hashes.changed(index);
  expect(made()).toBe(3);
});
