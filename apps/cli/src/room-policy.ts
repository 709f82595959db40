/** A room's policy: what it is called when it is typed, and what it means to whoever is in the room or may come. */
import type { RoomView } from '@chat/client';
import type { Policy } from '@chat/protocol';

/** The choices that a person has: a conversation of two is not created by name. */
const kinds = ['open', 'invite', 'verified'] as const;

/** The words after a room's name, as a usage line shows them. */
export const policyUsage = `[${kinds.join('|')}] [all]`;

/** What those words mean. */
export const policyHint =
  'open to everybody; "invite": a member has to invite; "verified": one who has compared safety numbers has to; "all": newcomers read what was said before them';

/** The policy from those words, in either order, each at most once: open, and read from the joining on, where nothing is said. Else null. */
export function policyFrom(words: readonly string[]): Policy | null {
  const join = kinds.find((kind) => words.includes(kind));
  const all = words.includes('all');
  const understood = (join === undefined ? 0 : 1) + (all ? 1 : 0);
  return understood === words.length ? { join: join ?? 'open', history: all ? 'all' : 'since-join' } : null;
}

const entries: { readonly [J in Policy['join']]: string } = {
  open: 'open to everybody',
  invite: 'by invitation',
  verified: 'by invitation from somebody who has compared safety numbers with the one who comes',
  direct: 'a conversation of two',
};

function newcomers({ join, history }: Policy): string {
  if (history === 'all') return 'newcomers read everything that was said before them, too';
  return `newcomers read what is said from their ${join === 'open' ? 'joining' : 'invitation'} on`;
}

/** `by invitation; newcomers read what is said from their invitation on`. */
export const policyMeaning = (policy: Policy): string =>
  policy.join === 'direct' ? entries.direct : `${entries[policy.join]}; ${newcomers(policy)}`;

/** Whether nobody is left in a conversation of two to read what is said. */
export const isDeserted = ({ policy, members, invited }: RoomView): boolean =>
  policy?.join === 'direct' && members.length + invited.length < 2;
