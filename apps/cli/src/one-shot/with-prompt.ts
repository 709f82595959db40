/** A prompt for commands that may have to ask for a password: on stderr, because stdout belongs to what they print. */
import type { Surroundings } from '../run-context.ts';
import type { Console } from '../terminal/console.ts';
import { openConsole } from '../terminal/open-console.ts';
import { noPassword, Prompt } from '../terminal/prompt.ts';

/** Without a terminal nothing is asked: stdin may be the message. */
export const canAsk = ({ stdin, stderr }: Surroundings): boolean => stdin.isTTY && stderr.isTTY;

/** The terminal is taken only when something is asked, and given back afterwards. */
export async function withPrompt<T>(around: Surroundings, work: (prompt: Prompt) => Promise<T>): Promise<T> {
  const opened: Console[] = [];
  const open = (): Console => {
    if (!canAsk(around)) throw noPassword();
    const console = opened[0] ?? openConsole(around, around.stderr);
    opened[0] = console;
    return console;
  };
  try {
    return await work(new Prompt(open));
  } finally {
    opened[0]?.close();
  }
}
