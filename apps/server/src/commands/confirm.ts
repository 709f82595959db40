/** Confirmation of what cannot be undone. */
import { CommandError } from '../command-error.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Requires that the operator confirms: with `--yes`, or at the terminal.
 *
 * @param what a sentence that says what happens
 * @throws CommandError `usage` without a terminal and without `--yes`; `not-confirmed`
 */
export async function requireConfirmation(
  what: string,
  { yes, ask }: { readonly yes: boolean } & Pick<RunContext, 'ask'>,
): Promise<void> {
  if (yes) return;
  if (ask === null) throw new CommandError('usage', `${what} Add --yes to do it.`);
  const answer = await ask(`${what}\nGo on? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new CommandError('not-confirmed', 'Nothing was changed.');
}
