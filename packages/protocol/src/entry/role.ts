/** The rights of roles. Members judge entries by these rules; the server applies them too, to settle honest races. */
import { z } from 'zod';

/** Schema of a role. A room has one owner, its creator or a successor, and any number of moderators. */
export const role = z.enum(['owner', 'moderator', 'member']);
/** The role of a member. */
export type Role = z.infer<typeof role>;

/** True when the author may remove the target. The owner can remove any other member; a moderator can remove plain members. */
export const mayRemove = (author: Role, target: Role): boolean =>
  (author === 'owner' && target !== 'owner') || (author === 'moderator' && target === 'member');

/**
 * True when the author may give the target a role. Only the owner can, to any other member. An owner who makes another member
 * the owner becomes a moderator.
 */
export const mayGiveRole = (author: Role, target: Role): boolean => author === 'owner' && target !== 'owner';

/** True when the author may readmit removed users: the owner and the moderators can. */
export const mayReadmit = (author: Role): boolean => author !== 'member';

/** True when the author may hide messages of any author for all members: the owner and the moderators can. */
export const mayHide = (author: Role): boolean => author !== 'member';

/**
 * Returns the member who becomes the owner when the room has none: the moderator who joined first, else the member who joined
 * first; null when there is an owner, or no member.
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
