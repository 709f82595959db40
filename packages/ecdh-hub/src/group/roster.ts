/**
 * The members of a group, in the order of their arrival, and the hash of that list. It has three levels: each member, each
 * block of 32 of those, all blocks. So a newcomer costs three short hashes in a group of any size, and a removal those of
 * the blocks from there on.
 */
import type { Backend } from '../backend/backend.ts';
import { toBase64url } from '../encoding/base64url.ts';
import { concat, lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { type Member, type StoredMember, storedMember } from './member.ts';

/** Members. */
const BLOCK = 32;

/** The hash of nobody. */
const NOBODY = new Uint8Array(32);

/** Frozen; as JSON it is its members and its hash. */
export class Roster {
  static readonly empty: Roster = new Roster([], [], [], [], NOBODY);

  readonly members: readonly StoredMember[];
  /** 32 bytes in base64url. */
  readonly hash: string;
  /** Of the members: a search in them takes a hundredth of the time that one in frozen objects takes. */
  readonly #ids: readonly string[];
  /** The hashes of the lower levels: what a change leaves alone is not hashed again. */
  readonly #entries: readonly Uint8Array[];
  readonly #blocks: readonly Uint8Array[];

  private constructor(
    members: readonly StoredMember[],
    ids: readonly string[],
    entries: readonly Uint8Array[],
    blocks: readonly Uint8Array[],
    hash: Uint8Array,
  ) {
    this.members = Object.freeze(members);
    this.hash = toBase64url(hash);
    this.#ids = ids;
    this.#entries = entries;
    this.#blocks = blocks;
    Object.freeze(this);
  }

  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  /** Without some members, and with newcomers at the end. Throws `unknown-member`, `already-member`. */
  change(backend: Backend, removed: readonly string[], added: readonly Member[]): Roster {
    const gone = new Set(removed);
    const firstGone = removed.length === 0 ? this.#ids.length : this.#ids.findIndex((id) => gone.has(id));
    const kept = <T>(items: readonly T[]): readonly T[] =>
      removed.length === 0 ? items : items.filter((_, i) => !gone.has(this.#ids[i] as string));

    const keptIds = kept(this.#ids);
    if (this.#ids.length - keptIds.length !== removed.length) {
      throw new HubError('unknown-member', 'somebody to remove is not in the group, or is named twice');
    }
    checkNewcomers(keptIds, added);
    const ids = [...keptIds, ...added.map(({ id }) => id)];
    if (ids.length === 0) return Roster.empty;

    const members = [...kept(this.members), ...added.map(storedMember)];
    const entries = [...kept(this.#entries), ...added.map((member) => entryHash(backend, member))];
    const blocks = this.#blocks.slice(0, Math.floor(firstGone / BLOCK));
    for (let start = blocks.length * BLOCK; start < entries.length; start += BLOCK) {
      blocks.push(hashOf(backend, 'ecdh-hub block v1', entries.slice(start, start + BLOCK)));
    }
    return new Roster(members, ids, entries, blocks, hashOf(backend, 'ecdh-hub roster v1', blocks));
  }
}

function checkNewcomers(kept: readonly string[], added: readonly Member[]): void {
  const arriving = new Set(added.map(({ id }) => id));
  if (arriving.size !== added.length || kept.some((id) => arriving.has(id))) {
    throw new HubError('already-member', 'a newcomer is in the group already, or is named twice');
  }
}

function entryHash(backend: Backend, { id, publicKey }: Member): Uint8Array {
  return backend.sha256(lengthPrefixed([utf8('ecdh-hub member v1'), utf8(id), publicKey]));
}

function hashOf(backend: Backend, name: string, hashes: readonly Uint8Array[]): Uint8Array {
  return backend.sha256(concat([lengthPrefixed([utf8(name)]), ...hashes]));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
