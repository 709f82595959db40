/** Questions to the operator at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Prints a question and resolves with the line that the operator types; null when the operator ends the input. */
export type Ask = (question: string) => Promise<string | null>;

/** Returns the function that asks at the terminal; null when no operator sits at one. Questions stand on standard error, so that they are not part of the output. */
export function terminalAsk(): Ask | null {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    try {
      return await Promise.race([lines.question(question).catch(() => null), closed]);
    } finally {
      lines.close();
    }
  };
}
