/** What a command receives besides its arguments. */
import type { Ask } from './ask.ts';

/** The environment and the output of a run. */
export interface RunContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes lines to standard output. */
  readonly print: (text: string) => void;
  /** Asks the operator; null when no operator sits at a terminal. */
  readonly ask: Ask | null;
  /** Makes the exit code 3: nothing is wrong, but the operator has something to do. */
  readonly hasWarnings: () => void;
}
