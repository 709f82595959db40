/** A command that runs without a screen, for scripts. */
import type { Command, RequestOf } from '@chat/command-line';
import type { RunContext } from '../run-context.ts';

/** A command with the function that runs it. */
export interface OneShot extends Command {
  /**
   * Carries the command out.
   *
   * @param request the values that the command line has for this command
   */
  run(request: unknown, context: RunContext): Promise<void>;
}

/** Combines the definition of a command with the function that carries it out. */
export const oneShot = <const D extends Command>(
  definition: D,
  run: (request: RequestOf<D>, context: RunContext) => Promise<void>,
): OneShot => ({
  ...definition,
  // The command line is parsed against this definition, so the request has this type.
  run: (request, context) => run(request as RequestOf<D>, context),
});
