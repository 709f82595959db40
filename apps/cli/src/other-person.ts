/** Where somebody else is meant. */
import type { Client } from './client-surface.ts';
import { Failure } from './command-error.ts';

/** Fails with `yourself` for the name of the one who asks. */
export function requireOther({ user }: Pick<Client, 'user'>, named: string): void {
  if (named === user) throw new Failure('yourself', 'That is you: name somebody else.');
}
