/**
 * The hash tree over the wraps of one epoch (RFC 6962, section 2.1). The epoch entry names its root, so that a member can show for its
 * own wrap alone whether the author of the epoch or the server has altered it.
 */
import { putUint32, sha256, sha256Hex, utf8 } from '../bytes.ts';

/** Size of a wrap: id of the link (8), step (4), tag (16), ciphertext (32). */
export const wrapBytes = 60;

const hashBytes = 32;
const leafStart = Uint8Array.of(0, ...utf8('chat/1 wrap leaf\n'));
const commitmentStart = utf8('chat/1 wraps 2\n');

/** Returns whether no byte is set: what stands in the place of a wrap that was not put. */
export const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/**
 * Returns the hash of one recipient's place in the list.
 *
 * @param recipient fingerprint, 32 bytes
 * @param wrap null, or bytes that are all zero, when the epoch has none for this recipient
 */
export function wrapLeaf(recipient: Uint8Array, wrap: Uint8Array | null): Uint8Array {
  const held = wrap === null || isBlank(wrap) ? null : wrap;
  const input = new Uint8Array(leafStart.length + hashBytes + (held?.length ?? 0));
  input.set(leafStart);
  input.set(recipient, leafStart.length);
  if (held !== null) input.set(held, leafStart.length + hashBytes);
  return sha256(input);
}

/** Returns the hash over two nodes that stand side by side. */
function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * hashBytes);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return sha256(input);
}

/** Returns what the epoch entry names: the root together with the number of recipients, which decides the shape of the tree. */
function commitmentOf(recipients: number, root: Uint8Array): string {
  const input = new Uint8Array(commitmentStart.length + 4 + hashBytes);
  input.set(commitmentStart);
  putUint32(input, commitmentStart.length, recipients);
  input.set(root, commitmentStart.length + 4);
  return sha256Hex(input);
}

/** Where a node stands: `level` 0 holds the leaves. */
export interface TreePlace {
  readonly level: number;
  readonly index: number;
}

/** Work that is done in parts: it yields where other work may go on, about every 30 microseconds. */
export type InParts<T> = Generator<undefined, T, undefined>;

/** Hashes of one part. */
const hashesPerPart = 8;

/** Does all parts of a work. */
export function allPartsOf<T>(work: InParts<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The tree over the leaves of one epoch. */
export class WrapTree {
  /** Makes a tree in parts. */
  static *inParts(leaves: Uint8Array): InParts<WrapTree> {
    return new WrapTree(leaves, yield* levelsOver(leaves));
  }

  /** Makes a tree and its leaves in parts. */
  static *over(size: number, leafAt: (index: number) => Uint8Array): InParts<WrapTree> {
    const leaves = new Uint8Array(hashBytes * size);
    for (let index = 0; index < size; index++) {
      if (index % hashesPerPart === 0) yield;
      leaves.set(leafAt(index), hashBytes * index);
    }
    return yield* WrapTree.inParts(leaves);
  }

  /** The hashes of each level, one after another. A last node without a neighbour stands in the next level unchanged. */
  readonly #levels: readonly Uint8Array[];

  /** @param leaves results of `wrapLeaf`, one after another, in the order of the recipients' fingerprints */
  constructor(leaves: Uint8Array, levels: readonly Uint8Array[] = allPartsOf(levelsOver(leaves))) {
    this.#levels = levels;
  }

  /** Number of recipients. */
  get size(): number {
    return (this.#levels[0]?.length ?? 0) / hashBytes;
  }

  /** The field `wraps` of an epoch entry of version 2, in hex. */
  get commitment(): string {
    return this.commitmentTo(this.size);
  }

  /** Returns the field `wraps` for a tree whose leaves are the roots of subtrees, with so many recipients in all. */
  commitmentTo(recipients: number): string {
    return commitmentOf(recipients, this.size === 0 ? new Uint8Array(hashBytes) : this.root);
  }

  /** The hash of the node above all others. @throws RangeError for a tree without leaves */
  get root(): Uint8Array {
    return this.node(this.#top, 0);
  }

  get #top(): number {
    return this.#levels.length - 1;
  }

  /** Returns the hash of a node. @throws RangeError when there is no such node */
  node(level: number, index: number): Uint8Array {
    const hash = this.#levels[level]?.subarray(hashBytes * index, hashBytes * (index + 1));
    if (hash?.length !== hashBytes) throw new RangeError('The tree has no such node.');
    return hash;
  }

  /** Returns the neighbours on the way from a node to the root, the lowest first, one after another. */
  path({ level: start, index: from }: TreePlace): Uint8Array {
    const neighbours: Uint8Array[] = [];
    let index = from;
    for (let level = start; level < this.#top; level++, index >>>= 1) {
      const neighbour = index ^ 1;
      if (hashBytes * neighbour < (this.#levels[level]?.length ?? 0)) neighbours.push(this.node(level, neighbour));
    }
    const path = new Uint8Array(hashBytes * neighbours.length);
    for (const [at, hash] of neighbours.entries()) path.set(hash, hashBytes * at);
    return path;
  }
}

function* levelsOver(leaves: Uint8Array): InParts<readonly Uint8Array[]> {
  const levels = [leaves];
  for (let level = leaves; level.length > hashBytes; levels.push(level)) level = yield* levelAbove(level);
  return levels;
}

function* levelAbove(level: Uint8Array): InParts<Uint8Array> {
  const above = new Uint8Array(hashBytes * Math.ceil(level.length / (2 * hashBytes)));
  for (let at = 0; at < above.length; at += hashBytes) {
    if (at % (hashBytes * hashesPerPart) === 0) yield;
    const left = level.subarray(2 * at, 2 * at + hashBytes);
    const right = level.subarray(2 * at + hashBytes, 2 * at + 2 * hashBytes);
    above.set(right.length === 0 ? left : nodeOf(left, right), at);
  }
  return above;
}

/** What a server answers for the wrap of one recipient. */
export interface WrapProof {
  /** Number of recipients. */
  readonly size: number;
  /** Place of this recipient in the order of fingerprints, from 0 on. */
  readonly index: number;
  /** Null when the epoch has none for this recipient. */
  readonly wrap: Uint8Array | null;
  /** The result of `WrapTree.path`. */
  readonly path: Uint8Array;
}

/**
 * Returns whether the author of an epoch has put this wrap, or none, for this recipient.
 *
 * @param commitment the field `wraps` of the epoch entry
 * @param recipient fingerprint, 32 bytes
 */
export function isWrapOf(commitment: string, recipient: Uint8Array, { size, index, wrap, path }: WrapProof): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size || (wrap !== null && wrap.length !== wrapBytes))
    return false;
  let hash = wrapLeaf(recipient, wrap);
  let used = 0;
  for (let at = index, width = size; width > 1; at = Math.floor(at / 2), width = Math.ceil(width / 2)) {
    if (at % 2 === 0 && at + 1 === width) continue;
    const neighbour = path.subarray(used, used + hashBytes);
    if (neighbour.length !== hashBytes) return false;
    hash = at % 2 === 0 ? nodeOf(hash, neighbour) : nodeOf(neighbour, hash);
    used += hashBytes;
  }
  return used === path.length && commitmentOf(size, hash) === commitment;
}
