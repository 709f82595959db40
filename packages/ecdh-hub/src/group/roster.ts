/**
 * The members of a group, in the order in which they joined, and the hash of that list. The hash has three levels: each
 * member, each block of 32 members, all blocks. So a newcomer costs three short hashes in a group of any size, and a removal
 * costs the hashes of the blocks from that position on.
 */
import type { Backend } from '../backend/backend.ts';
import { toBase64url } from '../encoding/base64url.ts';
import { concat, lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { type Member, type StoredMember, storedMemberOf } from './member.ts';

const membersPerBlock = 32;

/** The hash of a roster without members. */
const emptyHash = new Uint8Array(32);

/** The values from which a roster is built. */
interface RosterParts {
  readonly members: readonly StoredMember[];
  readonly ids: readonly string[];
  readonly entries: readonly Uint8Array[];
  readonly blocks: readonly Uint8Array[];
  readonly hash: Uint8Array;
}

/** The frozen list of a group's members. Its JSON form is `members` and `hash`. */
export class Roster {
  readonly members: readonly StoredMember[];
  /** 32 bytes in base64url. */
  readonly hash: string;
  /** The ids of the members. A search in these takes a hundredth of the time of a search in frozen objects. */
  readonly #ids: readonly string[];
  /** The hashes of the two lower levels, so that a change hashes only what it changes. */
  readonly #entries: readonly Uint8Array[];
  readonly #blocks: readonly Uint8Array[];

  private constructor({ members, ids, entries, blocks, hash }: RosterParts) {
    this.members = Object.freeze(members);
    this.hash = toBase64url(hash);
    this.#ids = ids;
    this.#entries = entries;
    this.#blocks = blocks;
    Object.freeze(this);
  }

  /** Returns a roster without members. A function and not a constant, so that bundlers can drop the class. */
  static empty(): Roster {
    return new Roster({ members: [], ids: [], entries: [], blocks: [], hash: emptyHash });
  }

  /** Returns whether a member has this id. */
  has(id: string): boolean {
    return this.#ids.includes(id);
  }

  /**
   * Returns the roster without the removed members and with the newcomers at its end.
   *
   * @throws HubError `unknown-member`, `already-member`
   */
  change(backend: Backend, removed: readonly string[], added: readonly Member[]): Roster {
    const removedIds = new Set(removed);
    const firstRemoved = removed.length === 0 ? this.#ids.length : this.#ids.findIndex((id) => removedIds.has(id));
    const kept = <T>(items: readonly T[]): readonly T[] =>
      removed.length === 0 ? items : items.filter((_, i) => !removedIds.has(this.#ids[i] as string));

    const keptIds = kept(this.#ids);
    if (this.#ids.length - keptIds.length !== removed.length) {
      throw new HubError('unknown-member', 'a member to remove is not in the group, or is named twice');
    }
    requireNewcomers(keptIds, added);
    const ids = [...keptIds, ...added.map(({ id }) => id)];
    if (ids.length === 0) return Roster.empty();

    const members = [...kept(this.members), ...added.map(storedMemberOf)];
    const entries = [...kept(this.#entries), ...added.map((member) => entryHash(backend, member))];
    const blocks = this.#blocks.slice(0, Math.floor(firstRemoved / membersPerBlock));
    for (let start = blocks.length * membersPerBlock; start < entries.length; start += membersPerBlock) {
      blocks.push(hashOf(backend, 'ecdh-hub block v1', entries.slice(start, start + membersPerBlock)));
    }
    return new Roster({ members, ids, entries, blocks, hash: hashOf(backend, 'ecdh-hub roster v1', blocks) });
  }
}

function requireNewcomers(keptIds: readonly string[], added: readonly Member[]): void {
  const newIds = new Set(added.map(({ id }) => id));
  if (newIds.size !== added.length || keptIds.some((id) => newIds.has(id))) {
    throw new HubError('already-member', 'a newcomer is in the group already, or is named twice');
  }
}

function entryHash(backend: Backend, { id, publicKey }: Member): Uint8Array {
  return backend.sha256(lengthPrefixed([utf8('ecdh-hub member v1'), utf8(id), publicKey]));
}

function hashOf(backend: Backend, label: string, hashes: readonly Uint8Array[]): Uint8Array {
  return backend.sha256(concat([lengthPrefixed([utf8(label)]), ...hashes]));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
