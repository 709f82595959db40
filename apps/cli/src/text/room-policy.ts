/** A room's policy: the words with which a user chooses it, and its meaning in words. */
import type { RoomView } from '@chat/client';
import type { Policy } from '@chat/protocol';

/** The join policies that a user can choose. The policy `direct` is for direct rooms, which are not created by name. */
const joinWords = ['open', 'invite', 'verified'] as const;

/** The words that may follow a room's name, each at most once. */
export const policyWords = [...joinWords, 'all'] as const;

/** How usage lines show the words. */
export const policyUsage = `[${joinWords.join('|')}] [all]`;

/** What the words mean. */
export const policyHint =
  '"open", the default: every user may join. "invite": users join by invitation of a member. "verified": the member who invites must have verified the user. "all": new members can read all earlier messages.';

/**
 * Returns the policy that the words choose, in either order. Without words it is open, and new members read from their
 * joining on. Returns null when the words make no policy.
 */
export function policyFrom(words: readonly string[]): Policy | null {
  const join = joinWords.find((word) => words.includes(word));
  const all = words.includes('all');
  const understood = (join === undefined ? 0 : 1) + (all ? 1 : 0);
  return understood === words.length ? { join: join ?? 'open', history: all ? 'all' : 'since-join' } : null;
}

const admissions: { readonly [J in Policy['join']]: string } = {
  open: 'open to all users',
  invite: 'by invitation',
  verified: 'by invitation of a member who has verified the new member',
  direct: 'a direct room for two users',
};

function history({ join, history }: Policy): string {
  if (history === 'all') return 'new members can read all earlier messages';
  return `new members can read messages from their ${join === 'open' ? 'joining' : 'invitation'} on`;
}

/** Returns `by invitation; new members can read messages from their invitation on`. */
export const policyMeaning = (policy: Policy): string =>
  policy.join === 'direct' ? admissions.direct : `${admissions[policy.join]}; ${history(policy)}`;

/** Returns true for a direct room that the other user has left. */
export const isDeserted = ({ policy, members, invited }: RoomView): boolean =>
  policy?.join === 'direct' && members.length + invited.length < 2;
