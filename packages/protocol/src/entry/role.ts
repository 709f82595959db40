/** Who may decide what in a room. Members judge by these rules, and a server that mirrors them settles honest races. */
import { z } from 'zod';

/** A room has one owner, who opened it or succeeded whoever did, and any number of moderators. */
export const role = z.enum(['owner', 'moderator', 'member']);
export type Role = z.infer<typeof role>;

/** The owner removes anybody but themself, a moderator plain members only. */
export const mayRemove = (author: Role, concerned: Role): boolean =>
  (author === 'owner' && concerned !== 'owner') || (author === 'moderator' && concerned === 'member');

/** Only the owner gives roles, and not to themself: they stop being the owner by making somebody else it. */
export const mayGiveRole = (author: Role, concerned: Role): boolean => author === 'owner' && concerned !== 'owner';

/** Whoever may remove plain members may also let those who were removed join again. */
export const mayReadmit = (author: Role): boolean => author !== 'member';

/**
 * Who becomes the owner when those who are left have none: the longest-standing moderator, else the longest-standing
 * member; null when there is an owner, or nobody.
 */
export function successorOf<M extends { readonly role: Role; readonly joinedAt: number }>(
  members: readonly M[],
): M | null {
  if (members.some((member) => member.role === 'owner')) return null;
  const moderators = members.filter((member) => member.role === 'moderator');
  const candidates = moderators.length > 0 ? moderators : members;
  return candidates.reduce<M | null>(
    (first, member) => (first === null || member.joinedAt < first.joinedAt ? member : first),
    null,
  );
}
