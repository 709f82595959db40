/** The hub of a group: decides who is in it, and gives it a key for every epoch. */
import { backend } from '#backend';
import { toBase64url } from '../encoding/base64url.ts';
import { HubError } from '../errors.ts';
import { DEFAULT_SUITE, type Suite, suiteNamed } from '../keys/suite.ts';
import { type RandomBytes, secureRandom } from '../random.ts';
import { composeEpoch, type EpochWrap } from './compose-epoch.ts';
import { emptyGroup, type Group, latestContext } from './group.ts';
import { epochKey } from './key-schedule.ts';
import { checkMember, type Member, memberOf } from './member.ts';
import { type MemberState, membershipOf } from './member-state.ts';
import { rewrapSecret } from './rewrap.ts';
import { parseGroup, parseSecret, parseVersioned, versioned } from './state-json.ts';

export interface NewGroup {
  /** 1 to 128 bytes in UTF-8: which group this is. Two groups of the same members need two names. */
  readonly name: string;
  /** Of the keys of all members; `P-384` when left out. */
  readonly suite?: Suite;
  readonly members: readonly Member[];
}

/** What changes with a fresh key. An id may be in both: that member goes on with another public key. */
export interface MemberChange {
  readonly removed?: readonly string[];
  readonly added?: readonly Member[];
}

/** The next epoch. Keep `hub` before sending anything; keep the hub before it if the announcement is not accepted. */
export interface NextEpoch {
  readonly hub: KeyHub;
  /** For everybody, public; to be signed. */
  readonly announcement: Uint8Array;
  /** 48 bytes for each member who needs one to have the key. They may be public, and need no signature. */
  readonly wraps: readonly EpochWrap[];
}

/** The next epoch, its wraps made one at a time: each is computed when the iterator is asked for it. */
export interface LazyEpoch extends Omit<NextEpoch, 'wraps'> {
  /** Once through. The ephemeral private key is wiped at its end, or when a loop over it is left. */
  readonly wraps: Generator<EpochWrap, void>;
}

/**
 * A group's latest epoch with its key. Immutable: each operation returns the hub after it and leaves this one as it is.
 *
 * Each operation draws the ephemeral private key (48 bytes for P-384, else 32), then a fresh secret (32 bytes) if there is
 * to be one, from `random`, which is the platform's generator when left out.
 */
export class KeyHub {
  readonly #group: Group;
  readonly #secret: Uint8Array;

  private constructor(group: Group, secret: Uint8Array) {
    this.#group = group;
    this.#secret = secret;
  }

  /**
   * A new group and its first epoch.
   *
   * @throws HubError `invalid-argument`, `invalid-public-key`, `already-member`
   */
  static create({ name, suite = DEFAULT_SUITE, members }: NewGroup, random: RandomBytes = secureRandom): NextEpoch {
    return atOnce(KeyHub.#next(emptyGroup(name, suite), undefined, { added: members }, random));
  }

  /**
   * The hub that any member who has the key can be: it goes on from the latest announcement. Of two who do so at the same
   * time only one may be heard, so let whatever orders the announcements accept one for each epoch.
   *
   * @throws HubError `no-key`
   */
  static succeed(member: MemberState): KeyHub {
    const { group, secret } = membershipOf(member);
    if (secret !== undefined) return new KeyHub(group, secret);
    throw new HubError('no-key', 'a member needs the key of the latest epoch to be the hub: ask for a rewrap');
  }

  /**
   * The hub that `JSON.stringify` wrote. Checks every member's public key again.
   *
   * @throws HubError `invalid-state`, `invalid-public-key`
   */
  static parse(text: string): KeyHub {
    const { group: stored, secret } = parseVersioned(text, 'hub', ['group', 'secret']);
    const group = parseGroup(backend, stored);
    return new KeyHub(group, parseSecret(backend, group, secret));
  }

  get group(): string {
    return this.#group.name;
  }

  get suite(): Suite {
    return this.#group.suite;
  }

  /** From 1. */
  get epoch(): number {
    return this.#group.epoch;
  }

  /** In the order of their arrival. */
  get members(): readonly Member[] {
    const suite = suiteNamed(this.#group.suite, 'invalid-state');
    return this.#group.roster.members.map((member) => memberOf(member, suite));
  }

  /** The key of this epoch for the group's use: 32 bytes, such as a Fernet key. */
  key(): Uint8Array {
    return epochKey(backend, this.#secret, latestContext(this.#group));
  }

  /**
   * Lets newcomers in: the key moves one step forward, one way, so that they cannot read what was before. One wrap for each
   * newcomer and none for the others, whatever their number.
   *
   * @throws HubError `already-member`, `invalid-public-key`, `invalid-argument`
   */
  join(newcomers: readonly Member[], random: RandomBytes = secureRandom): NextEpoch {
    if (newcomers.length === 0) throw new HubError('invalid-argument', 'nobody joins: name at least one newcomer');
    return atOnce(KeyHub.#next(this.#group, this.#secret, { added: newcomers }, random));
  }

  /**
   * Takes out those who left or must leave: a fresh key, one wrap for each member who remains.
   *
   * @throws HubError `unknown-member`, `invalid-argument`
   */
  remove(ids: readonly string[], random: RandomBytes = secureRandom): NextEpoch {
    if (ids.length === 0) throw new HubError('invalid-argument', 'nobody leaves: name at least one member');
    return atOnce(KeyHub.#next(this.#group, undefined, { removed: ids }, random));
  }

  /**
   * A fresh key, one wrap for each member: for every so many messages or hours, and for several changes at once.
   *
   * @throws HubError `unknown-member`, `already-member`, `invalid-public-key`, `invalid-argument`
   */
  rekey(change: MemberChange = {}, random: RandomBytes = secureRandom): NextEpoch {
    return atOnce(KeyHub.#next(this.#group, undefined, change, random));
  }

  /**
   * `rekey` for a large group: the same bytes, but each wrap is made when it is asked for, so that the caller can do other
   * work in between. Hub and announcement are there at once. A member whose wrap was never made is one whose wrap was lost.
   *
   * @throws HubError as `rekey`, before the first wrap
   */
  rekeyLazily(change: MemberChange = {}, random: RandomBytes = secureRandom): LazyEpoch {
    return KeyHub.#next(this.#group, undefined, change, random);
  }

  /**
   * The key of this epoch once more, for a member who lost it or whose wrap was lost: an envelope like `sendKeyToClient`'s,
   * which `MemberState.receive` takes. Nobody else notices.
   *
   * @throws HubError `unknown-member`
   */
  rewrap(id: string, random: RandomBytes = secureRandom): Uint8Array {
    return rewrapSecret(backend, this.#group, this.#secret, id, random);
  }

  /** What everybody may know, as JSON: a newcomer begins with the one before the epoch that lets them in. */
  snapshot(): string {
    return JSON.stringify(versioned('group', this.#group));
  }

  /** For `JSON.stringify`; secret, since it holds the group's key. */
  toJSON(): object {
    return versioned('hub', { group: this.#group, secret: toBase64url(this.#secret) });
  }

  static #next(
    group: Group,
    before: Uint8Array | undefined,
    { removed = [], added = [] }: MemberChange,
    random: RandomBytes,
  ): LazyEpoch {
    const suite = suiteNamed(group.suite, 'invalid-argument');
    if (!Array.isArray(removed) || !Array.isArray(added)) {
      throw new HubError('invalid-argument', 'members come in lists: [{ id, publicKey }], or [id]');
    }
    for (const member of added) checkMember(member, suite);
    const next = composeEpoch(backend, group, before, { removed, added }, random);
    return { hub: new KeyHub(next.group, next.secret), announcement: next.announcement, wraps: next.wraps };
  }
}

function atOnce({ wraps, ...epoch }: LazyEpoch): NextEpoch {
  return { ...epoch, wraps: [...wraps] };
}
