/** The confirmation of a command that cannot be undone. */
import { CommandError } from '../../command-error.ts';
import type { RunContext } from '../../run-context.ts';
import { canAsk, withPrompt } from '../with-prompt.ts';

/** Confirms without a question. */
export const yes = { value: null, help: 'Do not ask for a confirmation.' } as const;

/** What is to be confirmed. */
export interface Confirmation {
  /** True if the command line confirms it. */
  readonly isGiven: boolean;
  readonly question: string;
}

/**
 * Asks for a confirmation.
 *
 * @throws CommandError `not-agreed` unless the answer is yes; `usage` without a terminal
 */
export async function confirmed(context: RunContext, { isGiven, question }: Confirmation): Promise<void> {
  if (isGiven) return;
  if (!canAsk(context)) {
    throw new CommandError('usage', 'Nothing was changed, because there is no terminal to ask: confirm with --yes.');
  }
  const answer = await withPrompt(context, (prompt) => prompt.ask(`${question} (yes/no) `));
  if (!/^y(es)?$/i.test(answer)) throw new CommandError('not-agreed', 'Nothing was changed.');
}
