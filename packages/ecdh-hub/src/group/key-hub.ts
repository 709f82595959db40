/** The hub of a group: changes its members, and makes a key for every epoch. */
import { backend } from '#backend';
import { toBase64url } from '../encoding/base64url.ts';
import { parseVersioned, versioned } from '../encoding/versioned-json.ts';
import { HubError } from '../errors.ts';
import { requireNames, requireSome } from '../input.ts';
import type { LinkedWrap, LinkSender } from '../link/link-sender.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { defaultSuite, requireSuite, type Suite } from '../suite.ts';
import { composeEpoch, type EpochWrap } from './compose-epoch.ts';
import { emptyGroup, type Group, latestContext } from './group.ts';
import { epochKey } from './key-schedule.ts';
import { type Member, memberOf, requireMember } from './member.ts';
import { type MemberState, membershipOf } from './member-state.ts';
import { wrapSecretOver } from './over-links.ts';
import { rewrapSecret } from './rewrap.ts';
import { parseGroup, parseSecret } from './state-json.ts';

/** The options of `KeyHub.create`. */
export interface NewGroup {
  /** 1 to 128 bytes in UTF-8. It identifies the group: two groups with the same members need two names. */
  readonly name: string;
  /** The suite of the keys of all members. `P-384` if omitted. */
  readonly suite?: Suite;
  /** The first members. */
  readonly members: readonly Member[];
}

/** What changes with a fresh key. An id may stand in both lists: that member continues with another public key. */
export interface MemberChange {
  /** The ids of the members to remove. None if omitted. */
  readonly removed?: readonly string[];
  /** The members to add. None if omitted. */
  readonly added?: readonly Member[];
}

/** The next epoch. Store `hub` before you send anything; keep the hub before it until the announcement is accepted. */
export interface NextEpoch {
  /** The hub after this epoch. */
  readonly hub: KeyHub;
  /** Public bytes for every member. Sign them. */
  readonly announcement: Uint8Array;
  /** 48 bytes (X-Wing: 1168) for each member who needs a wrap to obtain the key. Wraps may be public and need no signature. */
  readonly wraps: readonly EpochWrap[];
}

/** The next epoch with wraps that are computed one at a time, each when the iterator is asked for it. */
export interface LazyEpoch extends Omit<NextEpoch, 'wraps'> {
  /**
   * Can be iterated once. Its end, leaving a loop over it, or `return()` before the first wrap wipes the ephemeral private
   * key.
   */
  readonly wraps: Generator<EpochWrap, void>;
}

/**
 * A group's latest epoch with its key. Immutable: each operation returns the next hub and does not change this one.
 *
 * Each operation draws from `random`, or from the platform's generator if it is omitted: first the ephemeral private key
 * (48 bytes for P-384, else 32), then, if the epoch has a fresh key, its secret (32 bytes). With X-Wing it draws such a secret
 * first, then 64 bytes for each wrap; if the generator is omitted, Node draws those faster.
 */
export class KeyHub {
  readonly #group: Group;
  readonly #secret: Uint8Array;

  private constructor(group: Group, secret: Uint8Array) {
    this.#group = group;
    this.#secret = secret;
  }

  /**
   * Creates a group and its first epoch.
   *
   * @throws HubError `invalid-argument`, `invalid-public-key`, `already-member`
   */
  static create(group: NewGroup, random: RandomBytes = secureRandom): NextEpoch {
    requireNames(group, ['name', 'suite', 'members']);
    const { name, suite = defaultSuite, members } = group;
    return atOnce(KeyHub.#next(emptyGroup(name, suite), { added: members }, { random }));
  }

  /**
   * Creates a hub from the state of a member who has the key; it continues from the latest announcement. If two members do
   * so at the same time, only one may succeed: whatever orders the announcements must accept one for each epoch.
   *
   * @throws HubError `no-key` if the member does not have the key; `invalid-argument` if it is not a `MemberState`
   */
  static succeed(member: MemberState): KeyHub {
    const { group, secret } = membershipOf(member);
    if (secret !== null) return new KeyHub(group, secret);
    throw new HubError('no-key', 'a member needs the key of the latest epoch to be the hub: ask for a rewrap');
  }

  /**
   * Reads a hub from the text that `JSON.stringify` made of it. Checks every member's public key again.
   *
   * @throws HubError `invalid-state`, `invalid-public-key`
   */
  static parse(text: string): KeyHub {
    const { group: stored, secret } = parseVersioned(text, 'hub', ['group', 'secret']);
    const group = parseGroup(backend, stored);
    return new KeyHub(group, parseSecret(backend, group, secret));
  }

  /** The name of the group. */
  get group(): string {
    return this.#group.name;
  }

  /** The suite of the keys of all members. */
  get suite(): Suite {
    return this.#group.suite;
  }

  /** The number of the latest epoch, from 1. */
  get epoch(): number {
    return this.#group.epoch;
  }

  /** The members, in the order in which they joined. */
  get members(): readonly Member[] {
    const suite = requireSuite(this.#group.suite, 'invalid-state');
    return this.#group.roster.members.map((member) => memberOf(member, suite));
  }

  /** Returns the key of this epoch for the group's own use: 32 bytes, such as a Fernet key. */
  key(): Uint8Array {
    return epochKey(backend, this.#secret, latestContext(this.#group));
  }

  /**
   * Adds members. A one-way step derives the next key, so newcomers cannot compute an earlier one. There is one wrap for
   * each newcomer; the other members need none.
   *
   * @param newcomers at least one
   * @throws HubError `already-member`, `invalid-public-key`, `invalid-argument`
   */
  join(newcomers: readonly Member[], random: RandomBytes = secureRandom): NextEpoch {
    requireSome(newcomers, 'newcomer');
    return atOnce(KeyHub.#next(this.#group, { added: newcomers }, { random, previousSecret: this.#secret }));
  }

  /**
   * Removes members. The next key is fresh, with one wrap for each remaining member.
   *
   * @param ids at least one
   * @throws HubError `unknown-member`, `invalid-argument`
   */
  remove(ids: readonly string[], random: RandomBytes = secureRandom): NextEpoch {
    requireSome(ids, 'id');
    return atOnce(KeyHub.#next(this.#group, { removed: ids }, { random }));
  }

  /**
   * Makes a fresh key, with one wrap for each member: to renew the key after so many messages or hours, and to make several
   * changes at once.
   *
   * @throws HubError `unknown-member`, `already-member`, `invalid-public-key`, `invalid-argument`
   */
  rekey(change: MemberChange = {}, random: RandomBytes = secureRandom): NextEpoch {
    return atOnce(KeyHub.#next(this.#group, change, { random }));
  }

  /**
   * Does the same as `rekey` for a large group. Hub and announcement are computed at once, each wrap when the caller asks for
   * it, so that the caller can do other work in between. A member whose wrap was never made is in the same position as one
   * whose wrap was lost.
   *
   * @throws HubError `unknown-member`, `already-member`, `invalid-public-key`, `invalid-argument`, all before the first wrap
   */
  rekeyLazily(change: MemberChange = {}, random: RandomBytes = secureRandom): LazyEpoch {
    return KeyHub.#next(this.#group, change, { random });
  }

  /**
   * Wraps the key of this epoch again, for a member who has lost it or whose wrap was lost. Does not change the group.
   *
   * @returns an envelope like that of `sendKeyToClient`, for `MemberState.receive`
   * @throws HubError `unknown-member`
   */
  rewrap(id: string, random: RandomBytes = secureRandom): Uint8Array {
    return rewrapSecret(backend, this.#group, { secret: this.#secret, id, random });
  }

  /**
   * Wraps the key of this epoch for a member over a link, in place of the member's wrap or of `rewrap`. Does not change the group.
   *
   * @param link a link to the member's public key: `LinkSender.open({ recipient: publicKey, suite: hub.suite, context })`
   * @returns the next end of the link, and 60 bytes for `MemberState.receiveOver`
   * @throws HubError `unknown-member`, `invalid-argument`, `link-exhausted`
   */
  wrapOver(link: LinkSender, id: string): LinkedWrap {
    return wrapSecretOver(this.#group, { link, secret: this.#secret, id });
  }

  /** Returns the public state as JSON. A newcomer enters with the snapshot before the epoch that adds it. */
  snapshot(): string {
    return JSON.stringify(versioned('group', this.#group));
  }

  /** Returns the state for `JSON.stringify`. It is secret, because it holds the group's key. */
  toJSON(): object {
    return versioned('hub', { group: this.#group, secret: toBase64url(this.#secret) });
  }

  static #next(
    group: Group,
    change: MemberChange,
    options: { readonly random: RandomBytes; readonly previousSecret?: Uint8Array },
  ): LazyEpoch {
    requireNames(change, ['removed', 'added']);
    const { removed = [], added = [] } = change;
    const suite = requireSuite(group.suite, 'invalid-argument');
    if (!Array.isArray(removed) || !Array.isArray(added)) {
      throw new HubError('invalid-argument', 'members come in lists: [{ id, publicKey }], or [id]');
    }
    for (const member of added) requireMember(member, suite);
    const next = composeEpoch(backend, group, { removed, added, ...options });
    return { hub: new KeyHub(next.group, next.secret), announcement: next.announcement, wraps: next.wraps };
  }
}

function atOnce({ wraps, ...epoch }: LazyEpoch): NextEpoch {
  return { ...epoch, wraps: [...wraps] };
}
