import { createHash } from 'node:crypto';
import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWrapOf, toHex, utf8, WrapTree, wrapBytes, wrapLeaf } from '../../src/index.ts';

const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  );

const recipient = (index: number) => sha256(utf8(`recipient ${index}`));
const wrap = (index: number) => concatBytes(sha256(utf8(`wrap ${index}`)), sha256(utf8('rest')).subarray(0, 28));

/** Every third recipient gets no wrap. */
const slots = (size: number) => Array.from({ length: size }, (_, index) => (index % 3 === 2 ? null : wrap(index)));

const ownLeaves = slots(5_000).map((held, index) => wrapLeaf(recipient(index), held));
const treeOf = (size: number) => new WrapTree(concatBytes(...ownLeaves.slice(0, size)));

/** The definitions of RFC 6962, section 2.1 and 2.1.1, word for word. */
const leafHash = (index: number, held: Uint8Array | null) =>
  sha256(Uint8Array.of(0), utf8('chat/1 wrap leaf\n'), recipient(index), held ?? new Uint8Array(0));

const splitOf = (count: number) => 2 ** Math.ceil(Math.log2(count) - 1);

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return new Uint8Array(32);
  if (leaves.length === 1) return only;
  const split = splitOf(leaves.length);
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function pathOf(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - split, right), rootOf(left)];
}

const allLeaves = slots(5_000).map((held, index) => leafHash(index, held));
const leavesOf = (size: number) => allLeaves.slice(0, size);

function commitmentOf(size: number): string {
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, size);
  return toHex(sha256(utf8('chat/1 wraps 2\n'), count, rootOf(leavesOf(size))));
}

const proofOf = (size: number, index: number) => ({
  size,
  index,
  wrap: slots(size)[index] ?? null,
  path: treeOf(size).path({ level: 0, index }),
});

test.each([[0], [1], [1_000], [5_000]])('has the root of RFC 6962 over %i recipients', (size) => {
  expect(treeOf(size).commitment).toBe(commitmentOf(size));
});

test('has the root and the paths of RFC 6962 over each number of recipients up to 300', () => {
  for (let size = 0; size <= 300; size++) {
    const tree = treeOf(size);
    expect(tree.size).toBe(size);
    expect(tree.commitment).toBe(commitmentOf(size));
    for (const index of new Set([0, size >> 1, size - 32, size - 2, size - 1])) {
      if (index < 0 || index >= size) continue;
      expect(toHex(tree.path({ level: 0, index }))).toBe(toHex(concatBytes(...pathOf(index, leavesOf(size)))));
    }
  }
});

test('shows each wrap, and that there is none, to its recipient alone', () => {
  for (const size of [1, 2, 3, 31, 32, 33, 64, 65, 100]) {
    const commitment = commitmentOf(size);
    for (let index = 0; index < size; index++) {
      const proof = proofOf(size, index);
      expect(isWrapOf(commitment, recipient(index), proof)).toBe(true);
      expect(isWrapOf(commitment, recipient(index + 1), proof)).toBe(false);
      expect(isWrapOf(commitment, recipient(index), { ...proof, wrap: proof.wrap === null ? wrap(index) : null })).toBe(
        false,
      );
    }
  }
});

test('refuses a proof with any changed bit, index or size, and with one hash more or less', () => {
  const size = 77;
  const commitment = commitmentOf(size);
  const flipped = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  for (const index of [0, 40, 63, 64, 76]) {
    const proof = proofOf(size, index);
    const refuses = (changed: Partial<typeof proof>, by = recipient(index)) =>
      expect(isWrapOf(commitment, by, { ...proof, ...changed })).toBe(false);
    for (let bit = 0; bit < 8 * wrapBytes; bit++)
      refuses({ wrap: flipped(proof.wrap ?? new Uint8Array(wrapBytes), bit) });
    for (let bit = 0; bit < 8 * proof.path.length; bit++) refuses({ path: flipped(proof.path, bit) });
    for (let bit = 0; bit < 256; bit++) refuses({}, flipped(recipient(index), bit));
    for (let other = -1; other <= size; other++) if (other !== index) refuses({ index: other });
    for (let other = 0; other <= 2 * size; other++) if (other !== size) refuses({ size: other });
    for (const path of [proof.path.subarray(32), proof.path.subarray(1), concatBytes(proof.path, recipient(0))])
      refuses({ path });
    for (const length of [0, 1, 59, 61]) refuses({ wrap: new Uint8Array(length).fill(7) });
    refuses({ index: index + 0.5 });
    refuses({ index: Number.NaN });
  }
});

test('takes a place of zeros as a place without a wrap', () => {
  expect(wrapLeaf(recipient(1), new Uint8Array(wrapBytes))).toEqual(wrapLeaf(recipient(1), null));
});

test('divides into sheets of 32 recipients, each of which is a subtree with one path to the root', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), (size, pick) => {
      const index = pick % size;
      const first = index - (index % 32);
      const tree = treeOf(size);
      const sheet = new WrapTree(concatBytes(...ownLeaves.slice(first, Math.min(first + 32, size))));
      const above = size <= 32 ? new Uint8Array(0) : tree.path({ level: 5, index: first / 32 });
      const path = concatBytes(sheet.path({ level: 0, index: index - first }), above);
      expect(toHex(path)).toBe(toHex(tree.path({ level: 0, index })));
    }),
    { numRuns: 200 },
  );
});

test('has no node outside', () => {
  for (const [level, index] of [
    [0, 3],
    [2, 1],
    [3, 0],
    [-1, 0],
  ] as const) {
    expect(() => treeOf(3).node(level, index)).toThrow(RangeError);
  }
});
