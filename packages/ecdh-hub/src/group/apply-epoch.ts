/** The member's work: an announced epoch, and the key of it. Pure. */
import type { Backend, Party } from '../backend/backend.ts';
import { fromBase64url } from '../encoding/base64url.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { type Announcement, HASH } from './announcement.ts';
import { openSecret } from './epoch-wrap.ts';
import { advance, type Group, latestContext } from './group.ts';
import { commitmentTo, stepSecret } from './key-schedule.ts';

/**
 * - `held`: the member has the key of this epoch
 * - `missing`: a wrap is needed: apply the same announcement again with it, or ask for a rewrap
 * - `wrong`: the wrap does not open, or the key is not the one that was announced: ask for a rewrap, and doubt the hub
 * - `not-a-member`: no longer, or not yet
 */
export type KeyStatus = 'held' | 'missing' | 'wrong' | 'not-a-member';

/** What a member knows. The secret is there only when it matches the group's commitment. */
export interface Membership {
  readonly id: string;
  readonly group: Group;
  readonly secret: Uint8Array | undefined;
}

interface AppliedEpoch {
  readonly membership: Membership;
  readonly said: Announcement;
  readonly key: KeyStatus;
}

/** Throws what `advance` does, whether or not this member has a wrap: all members accept the same announcements. */
export function applyEpoch(
  backend: Backend,
  { id, group, secret }: Membership,
  own: Party,
  announcement: Uint8Array,
  wrap: Uint8Array | undefined,
): AppliedEpoch {
  const { group: next, said } = advance(backend, group, announcement);
  const without = { said, membership: { id, group: next, secret: undefined } };
  if (!next.roster.has(id)) return { ...without, key: 'not-a-member' };
  if (next === group && secret !== undefined) return { said, membership: { id, group, secret }, key: 'held' };

  const context = latestContext(next);
  const follows = said.kind === 'step' ? secret : undefined;
  if (follows === undefined && wrap === undefined) return { ...without, key: 'missing' };
  const found =
    follows === undefined
      ? wrap && openSecret(backend, id, own, said.ephemeralKey, context, wrap)
      : stepSecret(backend, follows, context);
  if (found === undefined || !isCommitted(backend, next, found)) return { ...without, key: 'wrong' };
  return { said, membership: { id, group: next, secret: found }, key: 'held' };
}

/** Whether this is the secret that the group's latest epoch was announced with. */
export function isCommitted(backend: Backend, group: Group, secret: Uint8Array): boolean {
  const announced = fromBase64url(group.commitment, 'a commitment', HASH);
  return equalBytes(commitmentTo(backend, secret, latestContext(group)), announced);
}
