/** A member of a group: follows what the hub announces, and has the key while it belongs to the group. */
import { backend } from '#backend';
import type { Party } from '../backend/backend.ts';
import { toBase64url } from '../encoding/base64url.ts';
import { checkBytes } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { checkKeyPair, type KeyPair } from '../keys/key-pair.ts';
import { type Suite, suiteNamed } from '../keys/suite.ts';
import { checkEnvelope, decodeEnvelope } from '../wrap/envelope.ts';
import type { Announcement } from './announcement.ts';
import { applyEpoch, type KeyStatus, type Membership } from './apply-epoch.ts';
import { WRAP } from './epoch-wrap.ts';
import { emptyGroup, latestContext } from './group.ts';
import { epochKey } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';
import { receiveSecret } from './rewrap.ts';
import { parseGroup, parseSecret, parseVersioned, versioned } from './state-json.ts';

export interface Applied {
  readonly member: MemberState;
  /** Whether `member` has the key of this epoch, and why not. */
  readonly key: KeyStatus;
  /** What was announced: who came, who went. */
  readonly announcement: Announcement;
}

/** What a member knows, for this library alone. Beside the class, so that bundlers can leave the class out. */
const memberships = /* @__PURE__ */ new WeakMap<MemberState, Membership>();

/** Immutable: `apply` and `receive` return the state after them and leave this one as it is. */
export class MemberState {
  readonly #membership: Membership;
  readonly #keys: KeyPair;
  /** The same, imported once, since that takes longer than to follow a step. */
  readonly #own: Party;

  private constructor(membership: Membership, keys: KeyPair, own: Party) {
    this.#membership = membership;
    memberships.set(this, membership);
    this.#keys = keys;
    this.#own = own;
  }

  static #of(membership: Membership, { suite, ...bytes }: KeyPair): MemberState {
    encodeName(membership.id, "a member's id", 'invalid-argument');
    const { suite: groupSuite } = membership.group;
    checkKeyPair({ suite, ...bytes }, suiteNamed(suite, 'invalid-argument'));
    if (suite !== groupSuite) {
      throw new HubError('invalid-argument', `the group has ${groupSuite} keys, these are ${suite}`);
    }
    const [privateKey, publicKey] = [new Uint8Array(bytes.privateKey), new Uint8Array(bytes.publicKey)];
    const own = backend.agreements[suite].load(privateKey, publicKey);
    return new MemberState(membership, { suite, privateKey, publicKey }, own);
  }

  #with(membership: Membership): MemberState {
    return new MemberState(membership, this.#keys, this.#own);
  }

  /**
   * Before the first announcement of a new group, which names this member.
   *
   * @param keys the pair whose public key the hub was given; its suite is the group's
   * @throws HubError `invalid-argument`, `invalid-private-key`, `invalid-public-key`
   */
  static found(group: string, id: string, keys: KeyPair): MemberState {
    return MemberState.#of({ id, group: emptyGroup(group, keys.suite), secret: undefined }, keys);
  }

  /**
   * Before the announcement that lets this member in, or, for one who has lost the thread, before the latest.
   *
   * @param snapshot from `snapshot()` of a hub or a member, just before that announcement. Anybody may have handed it over:
   *   an announcement made on top of another is refused by `apply` with `epoch-fork`.
   * @throws HubError `invalid-state`, `invalid-argument`, `invalid-private-key`, `invalid-public-key`
   */
  static enter(snapshot: string, id: string, keys: KeyPair): MemberState {
    const fields = ['name', 'suite', 'epoch', 'context', 'commitment', 'roster'] as const;
    const group = parseGroup(backend, parseVersioned(snapshot, 'group', fields));
    return MemberState.#of({ id, group, secret: undefined }, keys);
  }

  /**
   * The member that `JSON.stringify` wrote. The key pair is not in it: it is the caller's to keep.
   *
   * @throws HubError `invalid-state`, `invalid-argument`, `invalid-private-key`, `invalid-public-key`
   */
  static parse(text: string, keys: KeyPair): MemberState {
    const { id, group: stored, secret } = parseVersioned(text, 'member', ['id', 'group', 'secret']);
    encodeName(id as string, "a member's id", 'invalid-state');
    const group = parseGroup(backend, stored);
    const held = secret === null ? undefined : parseSecret(backend, group, secret);
    if (held !== undefined && !group.roster.has(id as string)) {
      throw new HubError('invalid-state', 'this state holds a key for somebody who is not in the group');
    }
    return MemberState.#of({ id: id as string, group, secret: held }, keys);
  }

  get id(): string {
    return this.#membership.id;
  }

  get group(): string {
    return this.#membership.group.name;
  }

  get suite(): Suite {
    return this.#membership.group.suite;
  }

  /** The latest that was applied; 0 before the first. */
  get epoch(): number {
    return this.#membership.group.epoch;
  }

  /** In the order of their arrival. */
  get members(): readonly Member[] {
    const { group } = this.#membership;
    const suite = suiteNamed(group.suite, 'invalid-state');
    return group.roster.members.map((member) => memberOf(member, suite));
  }

  /** The key of this epoch for the group's use, 32 bytes; `undefined` for who lacks it. */
  key(): Uint8Array | undefined {
    const { secret, group } = this.#membership;
    return secret && epochKey(backend, secret, latestContext(group));
  }

  /**
   * Takes an announcement, and this member's wrap if there is one for them. Check before that it is the hub's: its
   * signature, and that its signer may be the hub. The latest announcement may be applied again, with a wrap that came late.
   *
   * @throws HubError `epoch-gap`: fetch the announcements in between; `epoch-stale`; `epoch-fork`; `invalid-announcement`,
   *   `invalid-public-key`, `unknown-member`, `already-member`: the hub is at fault, and every member refuses it;
   *   `invalid-argument` for a wrap that is not 48 bytes
   */
  apply(announcement: Uint8Array, ownWrap?: Uint8Array): Applied {
    if (ownWrap !== undefined) checkBytes(ownWrap, 'a wrap', WRAP, WRAP, 'invalid-argument');
    const { membership, key, said } = applyEpoch(backend, this.#membership, this.#own, announcement, ownWrap);
    return { member: this.#with(membership), key, announcement: said };
  }

  /**
   * Takes the answer to a lost wrap, from `KeyHub.rewrap`. Whoever sent it, it holds the announced key or is refused.
   *
   * @throws HubError `unwrap-failed`: it does not open, or holds another key; `unknown-member` for who is not in the group;
   *   `invalid-envelope`, `invalid-public-key`
   */
  receive(envelope: Uint8Array): MemberState {
    const parsed = decodeEnvelope(envelope);
    if (checkEnvelope(parsed).name !== this.suite) {
      throw new HubError('invalid-envelope', `this envelope is for ${parsed.suite}, the group has ${this.suite}`);
    }
    const secret = receiveSecret(backend, this.#membership, this.#keys, parsed);
    return this.#with({ ...this.#membership, secret });
  }

  /** What everybody may know, as JSON: a newcomer begins with the one before the epoch that lets them in. */
  snapshot(): string {
    return JSON.stringify(versioned('group', this.#membership.group));
  }

  /** For `JSON.stringify`; secret, since it holds the group's key. The key pair is not in it. */
  toJSON(): object {
    const { id, group, secret } = this.#membership;
    return versioned('member', { id, group, secret: secret ? toBase64url(secret) : null });
  }
}

/** What a member knows, for this library alone: the secret is not copied. Throws `invalid-argument` if it is none of ours. */
export function membershipOf(member: MemberState): Membership {
  const membership = memberships.get(member);
  if (membership === undefined) throw new HubError('invalid-argument', 'not a MemberState of this library');
  return membership;
}
