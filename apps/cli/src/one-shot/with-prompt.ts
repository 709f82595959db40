/** A prompt for commands that may need a password. It is on standard error, because standard output is for the results. */
import type { RunContext } from '../run-context.ts';
import type { Console } from '../terminal/console.ts';
import { openConsole } from '../terminal/open-console.ts';
import { noPasswordError, Prompt } from '../terminal/prompt.ts';

/** Returns true on a terminal. Without one nothing is asked, because standard input may be the message. */
export const canAsk = ({ stdin, stderr }: RunContext): boolean => stdin.isTTY && stderr.isTTY;

/** Opens the terminal at the first question, and closes it after the work. */
export async function withPrompt<T>(context: RunContext, work: (prompt: Prompt) => Promise<T>): Promise<T> {
  const opened: Console[] = [];
  const open = (): Console => {
    if (!canAsk(context)) throw noPasswordError();
    const console = opened[0] ?? openConsole(context, context.stderr);
    opened[0] = console;
    return console;
  };
  try {
    return await work(new Prompt(open));
  } finally {
    opened[0]?.close();
  }
}
