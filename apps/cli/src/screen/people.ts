/** People as sentences name them: safe to show, and "you" for the one who reads. */
import { sanitiseLine } from './sanitise.ts';

export const personName = (user: string): string => sanitiseLine(user, 40);

export const someone = (user: string, { me }: { readonly me: string }): string =>
  user === me ? 'you' : personName(user);

/** `bob, carol and dave`, each once; "somebody" for nobody. */
export function listed(names: readonly string[]): string {
  const [last = 'somebody', ...others] = [...new Set(names.map(personName))].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}
