/** Requires another user where a command cannot name the local user. */
import type { Client } from './client-surface.ts';
import { CommandError } from './command-error.ts';

/**
 * Requires that a name is not the local user's.
 *
 * @throws CommandError `yourself` when `named` is the local user
 */
export function requireOtherUser({ user }: Pick<Client, 'user'>, named: string): void {
  if (named === user) throw new CommandError('yourself', 'That is your own name: name another user.');
}
