/**
 * Sheets: the wraps of one epoch for 32 recipients that follow each other. A sheet is a subtree of the epoch's hash tree, so it has
 * all that proves one of its wraps, also after others were erased.
 */
import type { Fingerprint } from '@chat/protocol';
import {
  allPartsOf,
  fromHex,
  type InParts,
  isBlank,
  toHex,
  type WrapProof,
  WrapTree,
  wrapBytes,
  wrapLeaf,
} from '@chat/protocol/wraps';

/** Recipients of a full sheet. With 32 a sheet takes one page of the store, and a confirmation writes one page. */
const sheetRecipients = 32;
const hashBytes = 32;

/** The wraps of at most 32 recipients. */
export interface WrapSheet {
  /** Place of the first recipient among all recipients of the epoch. */
  readonly place: number;
  /** Number of all recipients of the epoch. */
  readonly size: number;
  /** Fingerprints in their order, 32 bytes each. */
  readonly recipients: Uint8Array;
  /** For each recipient 60 bytes: the wrap; the hash of the leaf, then zeros, when the wrap was erased; or zeros when there is none. */
  readonly slots: Uint8Array;
  /** The recipients whose wraps are here, as bits: the lowest one is that of the first. Bits of a signed number of 32 bits. */
  readonly waiting: number;
  /** The hashes from the sheet to the root, the lowest first, 32 bytes each. */
  readonly above: Uint8Array;
}

/** An epoch's wrap of one recipient. */
export interface FoundWrap {
  /** Epoch number. */
  readonly number: number;
  readonly wrap: Uint8Array;
}

/** A proof whose wrap may have been erased. */
export interface FoundProof extends Omit<WrapProof, 'wrap'> {
  /** Empty when there is none; null when it was erased. */
  readonly wrap: Uint8Array | null;
}

/** All wraps of an epoch. */
export interface WrapList {
  /** Fingerprints in their order, 32 bytes each. */
  readonly recipients: Uint8Array;
  /** For each of them 60 bytes: the wrap, or zeros. */
  readonly slots: Uint8Array;
}

const partOf = (bytes: Uint8Array, index: number, length: number): Uint8Array =>
  bytes.subarray(length * index, length * (index + 1));

/**
 * The hashes of a list, sheet by sheet. They are made as the wraps arrive, so that the entry of the epoch needs no more than the
 * nodes above the sheets.
 */
export class SheetHashes {
  readonly #list: WrapList;
  /** The root of each sheet; null while it is unknown. */
  readonly #roots: (Uint8Array | null)[];

  constructor(list: WrapList) {
    this.#list = list;
    this.#roots = new Array<null>(Math.ceil(list.recipients.length / (hashBytes * sheetRecipients))).fill(null);
  }

  /** Number of all recipients. */
  get size(): number {
    return this.#list.recipients.length / hashBytes;
  }

  /** To be called when the slot of a recipient has changed. */
  changed(index: number): void {
    this.#roots[Math.floor(index / sheetRecipients)] = null;
  }

  /** Makes the hashes that are unknown. Yields after each sheet: 63 hashes. */
  *fill(): InParts<void> {
    for (const [index, root] of this.#roots.entries()) {
      if (root !== null) continue;
      this.#roots[index] = this.#rootOf(index);
      yield;
    }
  }

  /** Returns the tree whose leaves are the roots of the sheets. */
  tree(): WrapTree {
    allPartsOf(this.fill());
    const roots = new Uint8Array(hashBytes * this.#roots.length);
    for (const [index, root] of this.#roots.entries()) if (root !== null) roots.set(root, hashBytes * index);
    return new WrapTree(roots);
  }

  /** The field `wraps` of the epoch. */
  get commitment(): string {
    return this.tree().commitmentTo(this.size);
  }

  /** Returns the sheets, without those that have no wrap. */
  sheets(): WrapSheet[] {
    const tree = this.tree();
    const { recipients, slots } = this.#list;
    const sheets: WrapSheet[] = [];
    for (const index of this.#roots.keys()) {
      const sheet = {
        place: sheetRecipients * index,
        size: this.size,
        recipients: partOf(recipients, index, hashBytes * sheetRecipients),
        slots: partOf(slots, index, wrapBytes * sheetRecipients),
        above: tree.path({ level: 0, index }),
      };
      const waiting = presentIn(sheet.slots);
      if (waiting !== 0) sheets.push({ ...sheet, waiting });
    }
    return sheets;
  }

  #rootOf(sheet: number): Uint8Array {
    const { recipients, slots } = this.#list;
    const part = partOf(recipients, sheet, hashBytes * sheetRecipients);
    const leaves = new Uint8Array(part.length);
    for (let at = 0; hashBytes * at < part.length; at++) {
      const slot = partOf(slots, sheetRecipients * sheet + at, wrapBytes);
      leaves.set(wrapLeaf(partOf(part, at, hashBytes), slot), hashBytes * at);
    }
    return new WrapTree(leaves).root;
  }
}

function presentIn(slots: Uint8Array): number {
  let waiting = 0;
  for (let index = 0; wrapBytes * index < slots.length; index++) {
    if (!isBlank(partOf(slots, index, wrapBytes))) waiting |= 1 << index;
  }
  return waiting;
}

/** Returns the place of a recipient in a sheet; -1 when the recipient is not in it. */
function placeIn({ recipients }: WrapSheet, recipient: Uint8Array): number {
  for (let index = 0; hashBytes * index < recipients.length; index++) {
    if (partOf(recipients, index, hashBytes).every((byte, at) => byte === recipient[at])) return index;
  }
  return -1;
}

/** Returns whether the recipient has a place in a sheet. */
export const isIn = (sheet: WrapSheet, recipient: Fingerprint): boolean => placeIn(sheet, fromHex(recipient)) >= 0;

const isWaiting = ({ waiting }: WrapSheet, index: number): boolean => (waiting & (1 << index)) !== 0;

/** Returns a copy of the wrap that waits for a recipient; null when none does. */
export function wrapIn(sheet: WrapSheet, recipient: Fingerprint): Uint8Array | null {
  const index = placeIn(sheet, fromHex(recipient));
  return index >= 0 && isWaiting(sheet, index) ? partOf(sheet.slots, index, wrapBytes).slice() : null;
}

/** Returns the wraps that wait in a sheet, with their recipients. */
export function wrapsIn(sheet: WrapSheet): { readonly recipient: Fingerprint; readonly wrap: Uint8Array }[] {
  const wraps: { recipient: Fingerprint; wrap: Uint8Array }[] = [];
  for (let index = 0; hashBytes * index < sheet.recipients.length; index++) {
    if (!isWaiting(sheet, index)) continue;
    const recipient = toHex(partOf(sheet.recipients, index, hashBytes));
    wraps.push({ recipient, wrap: partOf(sheet.slots, index, wrapBytes) });
  }
  return wraps;
}

/** Returns a sheet in which the recipient's wrap is overwritten by the hash of its leaf; null when none waits for the recipient. */
export function withoutWrap(sheet: WrapSheet, recipient: Fingerprint): WrapSheet | null {
  const fingerprint = fromHex(recipient);
  const index = placeIn(sheet, fingerprint);
  if (index < 0 || !isWaiting(sheet, index)) return null;
  const slots = sheet.slots.slice();
  const slot = partOf(slots, index, wrapBytes);
  const leaf = wrapLeaf(fingerprint, slot);
  slot.fill(0);
  slot.set(leaf);
  return { ...sheet, slots, waiting: sheet.waiting & ~(1 << index) };
}

/** Returns the proof for a recipient; null when the recipient is not in the sheet. */
export function proofIn(sheet: WrapSheet, recipient: Fingerprint): FoundProof | null {
  const found = placeIn(sheet, fromHex(recipient));
  if (found < 0) return null;
  const leaves = new Uint8Array(sheet.recipients.length);
  for (let index = 0; hashBytes * index < leaves.length; index++) {
    const slot = partOf(sheet.slots, index, wrapBytes);
    const isErased = !isWaiting(sheet, index) && !isBlank(slot);
    const leaf = isErased ? slot.subarray(0, hashBytes) : wrapLeaf(partOf(sheet.recipients, index, hashBytes), slot);
    leaves.set(leaf, hashBytes * index);
  }
  const inside = new WrapTree(leaves).path({ level: 0, index: found });
  const path = new Uint8Array(inside.length + sheet.above.length);
  path.set(inside);
  path.set(sheet.above, inside.length);
  const slot = partOf(sheet.slots, found, wrapBytes);
  const missing = isBlank(slot) ? new Uint8Array(0) : null;
  return {
    size: sheet.size,
    index: sheet.place + found,
    wrap: isWaiting(sheet, found) ? slot.slice() : missing,
    path,
  };
}
