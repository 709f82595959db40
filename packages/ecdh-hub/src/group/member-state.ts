/** A member of a group: applies what the hub announces, and has the group's key while it is a member. */
import { backend } from '#backend';
import { toBase64url } from '../encoding/base64url.ts';
import { requireBytes } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { parseVersioned, versioned } from '../encoding/versioned-json.ts';
import { HubError } from '../errors.ts';
import { type KeyPair, requireKeyPair, requireMatch } from '../keys/key-pair.ts';
import type { LinkRecipient } from '../link/link-recipient.ts';
import { requireSuite, type Suite } from '../suite.ts';
import { decodeEnvelope, requireEnvelope } from '../wrap/envelope.ts';
import { loadRecipient, type Recipient } from '../wrap/sides.ts';
import type { Announcement } from './announcement.ts';
import { applyEpoch, type KeyStatus, type Membership } from './apply-epoch.ts';
import { wrapBytesOf } from './epoch-wrap.ts';
import { emptyGroup, latestContext } from './group.ts';
import { epochKey } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';
import { receiveSecretOver } from './over-links.ts';
import { receiveSecret } from './rewrap.ts';
import { parseGroup, parseSecret } from './state-json.ts';

/** The result of `MemberState.apply`. */
export interface Applied {
  /** The state after the announcement. */
  readonly member: MemberState;
  /** Whether `member` has the key of this epoch, and if not, why. */
  readonly key: KeyStatus;
  /** The contents of the announcement: the added and removed members among them. */
  readonly announcement: Announcement;
}

/** The result of `MemberState.receiveOver`. Store both together. */
export interface ReceivedOver {
  /** The state with the key. */
  readonly member: MemberState;
  /** The recipient's end of the link after this step. */
  readonly link: LinkRecipient;
}

/** What each `MemberState` knows, for `membershipOf`. It stands outside the class so that bundlers can drop the class. */
const memberships = /* @__PURE__ */ new WeakMap<MemberState, Membership>();

/** The state of one member. Immutable: `apply` and `receive` return the next state and do not change this one. */
export class MemberState {
  readonly #membership: Membership;
  readonly #keys: KeyPair;
  /** The imported form of `#keys`, imported once because an import takes longer than applying a step. */
  readonly #own: Recipient;

  private constructor(membership: Membership, keys: KeyPair, own: Recipient) {
    this.#membership = membership;
    memberships.set(this, membership);
    this.#keys = keys;
    this.#own = own;
  }

  static #of(membership: Membership, pair: KeyPair): MemberState {
    encodeName(membership.id, "a member's id", 'invalid-argument');
    const { suite: groupSuite } = membership.group;
    const { name: suite } = requireKeyPair(pair);
    if (suite !== groupSuite) {
      throw new HubError('invalid-argument', `the group has ${groupSuite} keys, these are ${suite}`);
    }
    const keys = { suite, privateKey: new Uint8Array(pair.privateKey), publicKey: new Uint8Array(pair.publicKey) };
    const own = loadRecipient(backend, keys);
    requireMatch(backend, keys);
    return new MemberState(membership, keys, own);
  }

  #with(membership: Membership): MemberState {
    return new MemberState(membership, this.#keys, this.#own);
  }

  /**
   * Creates the state of a member before the first announcement of a new group, which adds this member.
   *
   * @param group the name of the group
   * @param id the member's id, 1 to 128 bytes in UTF-8
   * @param keys the pair whose public key the hub was given; its suite is the group's
   * @throws HubError `invalid-argument`, `invalid-private-key`, `invalid-public-key`
   */
  static found(group: string, id: string, keys: KeyPair): MemberState {
    const { name: suite } = requireKeyPair(keys);
    return MemberState.#of({ id, group: emptyGroup(group, suite), secret: null }, keys);
  }

  /**
   * Creates the state of a member before the announcement that adds it, or, for a member that has missed announcements,
   * before the latest one.
   *
   * @param snapshot the `snapshot()` of a hub or a member just before that announcement. It need not be trusted: `apply`
   *   refuses an announcement that was made after another state with `epoch-fork`.
   * @param id the member's id
   * @param keys the pair whose public key the hub was given
   * @throws HubError `invalid-state`, `invalid-argument`, `invalid-private-key`, `invalid-public-key`
   */
  static enter(snapshot: string, id: string, keys: KeyPair): MemberState {
    const fields = ['name', 'suite', 'epoch', 'context', 'commitment', 'roster'] as const;
    const group = parseGroup(backend, parseVersioned(snapshot, 'group', fields));
    return MemberState.#of({ id, group, secret: null }, keys);
  }

  /**
   * Reads a member from the text that `JSON.stringify` made of it.
   *
   * @param keys the member's key pair, which the text does not contain; the caller stores it
   * @throws HubError `invalid-argument` also for the pair of another member; `invalid-state`, `invalid-private-key`, `invalid-public-key`
   */
  static parse(text: string, keys: KeyPair): MemberState {
    const { id, group: stored, secret: storedSecret } = parseVersioned(text, 'member', ['id', 'group', 'secret']);
    encodeName(id as string, "a member's id", 'invalid-state');
    const group = parseGroup(backend, stored);
    const secret = storedSecret === null ? null : parseSecret(backend, group, storedSecret);
    if (secret !== null && !group.roster.has(id as string)) {
      throw new HubError('invalid-state', 'this state holds a key, but its member is not in the group');
    }
    const member = MemberState.#of({ id: id as string, group, secret }, keys);
    requireOwnKeys(member, keys.publicKey);
    return member;
  }

  /** The id of this member. */
  get id(): string {
    return this.#membership.id;
  }

  /** The name of the group. */
  get group(): string {
    return this.#membership.group.name;
  }

  /** The suite of the keys of all members. */
  get suite(): Suite {
    return this.#membership.group.suite;
  }

  /** The number of the latest epoch that was applied; 0 before the first. */
  get epoch(): number {
    return this.#membership.group.epoch;
  }

  /** The members, in the order in which they joined. */
  get members(): readonly Member[] {
    const { group } = this.#membership;
    const suite = requireSuite(group.suite, 'invalid-state');
    return group.roster.members.map((member) => memberOf(member, suite));
  }

  /**
   * Returns the key of this epoch for the group's own use.
   *
   * @returns 32 bytes, or `undefined` if this member does not have the key
   */
  key(): Uint8Array | undefined {
    const { secret, group } = this.#membership;
    return secret === null ? undefined : epochKey(backend, secret, latestContext(group));
  }

  /**
   * Applies an announcement, with this member's wrap if there is one. Check first that it comes from the hub: verify its
   * signature, and that its signer may be the hub. The latest announcement may be applied again with a wrap that came late.
   *
   * @param ownWrap the wrap whose `to` is this member's id: 48 bytes, with X-Wing 1168
   * @throws HubError `epoch-gap` (fetch the announcements in between), `epoch-stale`, `epoch-fork`; `invalid-announcement`,
   *   `invalid-public-key`, `unknown-member` or `already-member` if the hub is at fault, which every member then detects;
   *   `invalid-argument` if the wrap has another size
   */
  apply(announcement: Uint8Array, ownWrap?: Uint8Array): Applied {
    if (ownWrap !== undefined) {
      const size = wrapBytesOf(requireSuite(this.suite, 'invalid-state'));
      requireBytes(ownWrap, 'a wrap', { minBytes: size, maxBytes: size, code: 'invalid-argument' });
    }
    const applied = applyEpoch(backend, this.#membership, { own: this.#own, announcement, wrap: ownWrap });
    return { member: this.#with(applied.membership), key: applied.key, announcement: applied.announcement };
  }

  /**
   * Opens the answer to a lost wrap, from `KeyHub.rewrap`. Its sender need not be trusted: only the announced key is
   * accepted.
   *
   * @returns the state with the key
   * @throws HubError `unwrap-failed` if the envelope does not open or holds another key; `unknown-member` if this member is
   *   not in the group; `invalid-envelope`, `invalid-public-key`
   */
  receive(envelope: Uint8Array): MemberState {
    const parsed = decodeEnvelope(envelope);
    if (requireEnvelope(parsed).name !== this.suite) {
      throw new HubError('invalid-envelope', `this envelope is for ${parsed.suite}, the group has ${this.suite}`);
    }
    const secret = receiveSecret(backend, this.#membership, { keys: this.#keys, envelope: parsed });
    return this.#with({ ...this.#membership, secret });
  }

  /**
   * Opens the key of the latest epoch that came over a link, from `KeyHub.wrapOver`. Only the announced key is accepted.
   *
   * @param link this member's end of the link
   * @param wrap 60 bytes
   * @throws HubError `unwrap-failed` if the wrap does not open or holds another key; `other-link`, `link-step-used`,
   *   `link-step-ahead` and `invalid-link` like `LinkRecipient.unwrap`; `unknown-member` if this member is not in the group
   */
  receiveOver(link: LinkRecipient, wrap: Uint8Array): ReceivedOver {
    const { key: secret, link: next } = receiveSecretOver(backend, this.#membership, { link, wrap });
    return { member: this.#with({ ...this.#membership, secret }), link: next };
  }

  /** Returns the public state as JSON. A newcomer enters with the snapshot before the epoch that adds it. */
  snapshot(): string {
    return JSON.stringify(versioned('group', this.#membership.group));
  }

  /** Returns the state for `JSON.stringify`. It is secret, because it holds the group's key. The key pair is not in it. */
  toJSON(): object {
    const { id, group, secret } = this.#membership;
    return versioned('member', { id, group, secret: secret === null ? null : toBase64url(secret) });
  }
}

/**
 * Requires the key pair of this member. One who has the group's key has it under the public key on the roster. One who has not may be
 * about to return with a new key pair, but never with that of another member.
 *
 * @throws HubError `invalid-argument`
 */
function requireOwnKeys(member: MemberState, publicKey: Uint8Array): void {
  const { id, group, secret } = membershipOf(member);
  const key = toBase64url(publicKey);
  const listed = group.roster.members.find((each) => each.id === id)?.publicKey;
  const isOthers = group.roster.members.some((each) => each.id !== id && each.publicKey === key);
  if (!isOthers && (secret === null || listed === key)) return;
  throw new HubError('invalid-argument', 'these keys are not those of the member in this state: pass its own pair');
}

/**
 * Returns what a member knows, for use inside this package. The secret is not copied.
 *
 * @throws HubError `invalid-argument` if the object is not a `MemberState` of this package
 */
export function membershipOf(member: MemberState): Membership {
  const membership = memberships.get(member);
  if (membership === undefined) throw new HubError('invalid-argument', 'not a MemberState of this library');
  return membership;
}
