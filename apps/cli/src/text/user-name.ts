/** User names in sentences: safe to print, and "you" for the local user. */
import { sanitiseLine } from '@chat/safe-text';

/** Returns a user name that is safe to print. */
export const safeName = (user: string): string => sanitiseLine(user, 40);

/** Returns `1 message`, `2 messages`. */
export const countOf = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** Returns "you" for the local user `me`, else the name. */
export const nameOrYou = (user: string, { me }: { readonly me: string }): string =>
  user === me ? 'you' : safeName(user);

/** Returns `bob, carol and dave`, each name once; "a member" when there are none. */
export function listed(names: readonly string[]): string {
  const [last = 'a member', ...others] = [...new Set(names.map(safeName))].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}
