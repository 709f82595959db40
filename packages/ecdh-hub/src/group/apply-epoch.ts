/** Applies an announced epoch to what a member knows, and obtains the epoch's key. */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url } from '../encoding/base64url.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { requireSuite } from '../suite.ts';
import type { Recipient } from '../wrap/sides.ts';
import { type Announcement, hashBytes } from './announcement.ts';
import { openSecret } from './epoch-wrap.ts';
import { advance, type Group, latestContext } from './group.ts';
import { commitmentTo, stepSecret } from './key-schedule.ts';

/**
 * What a member has of an epoch's key:
 *
 * - `held`: the member has the key of this epoch
 * - `missing`: a wrap is needed: apply the same announcement again with the wrap, or request a rewrap
 * - `wrong`: the wrap does not open, or it holds another key than the announced one: request a rewrap, and suspect the hub
 * - `not-a-member`: the member is not in the group, because it was removed or has not been added yet
 */
export type KeyStatus = 'held' | 'missing' | 'wrong' | 'not-a-member';

/** What a member knows. */
export interface Membership {
  readonly id: string;
  readonly group: Group;
  /** The secret of the latest epoch, which always matches the group's commitment. `null` if the member does not have it. */
  readonly secret: Uint8Array | null;
}

/** The arguments of `applyEpoch`. */
export interface ApplyOptions {
  /** The member's own key pair. */
  readonly own: Recipient;
  readonly announcement: Uint8Array;
  /** The member's wrap, if it has one. */
  readonly wrap: Uint8Array | undefined;
}

/** The result of `applyEpoch`. */
export interface AppliedEpoch {
  readonly membership: Membership;
  readonly announcement: Announcement;
  readonly key: KeyStatus;
}

/**
 * Applies an announcement. The errors do not depend on whether this member has a wrap, so all members accept the same
 * announcements.
 *
 * @throws HubError like `advance`
 */
export function applyEpoch(
  backend: Backend,
  { id, group, secret }: Membership,
  { own, announcement: bytes, wrap }: ApplyOptions,
): AppliedEpoch {
  const { group: next, announcement } = advance(backend, group, bytes);
  const withoutKey = { announcement, membership: { id, group: next, secret: null } };
  if (!next.roster.has(id)) return { ...withoutKey, key: 'not-a-member' };
  if (next === group && secret !== null) return { announcement, membership: { id, group, secret }, key: 'held' };

  const context = latestContext(next);
  const obtain = () => {
    if (announcement.kind === 'step' && secret !== null) return stepSecret(backend, secret, context);
    if (wrap === undefined) return undefined;
    const suite = requireSuite(next.suite, 'invalid-announcement');
    return openSecret(backend, { suite, id, own, ephemeralKey: announcement.ephemeralKey, context, wrap });
  };
  const obtained = obtain();
  if (obtained === undefined) return { ...withoutKey, key: 'missing' };
  if (obtained === null || !isCommitted(backend, next, obtained)) return { ...withoutKey, key: 'wrong' };
  return { announcement, membership: { id, group: next, secret: obtained }, key: 'held' };
}

/** Returns whether this is the secret to which the group's latest announcement commits. */
export function isCommitted(backend: Backend, group: Group, secret: Uint8Array): boolean {
  const announced = fromBase64url(group.commitment, 'a commitment', hashBytes);
  return equalBytes(commitmentTo(backend, secret, latestContext(group)), announced);
}
