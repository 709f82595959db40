/** Parses the command line of `chat`. */
import { CommandLineError, completionOf, helpOf, parseCommandLine } from '@chat/command-line';
import type { InvitationLine } from '@chat/protocol';
import { CommandError } from './command-error.ts';
import type { CommonOptions } from './config/settings.ts';
import { oneShots } from './one-shot/table.ts';
import { program } from './program.ts';
import type { RunContext } from './run-context.ts';

/** A parsed command line: what the program does. */
export type Invocation =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'interactive';
      readonly line: InvitationLine | null;
      readonly full: boolean;
      readonly offersRecovery: boolean;
      readonly options: CommonOptions;
    }
  | {
      readonly kind: 'one-shot';
      readonly run: (context: RunContext) => Promise<void>;
      readonly options: CommonOptions;
    };

function parse(argv: readonly string[]) {
  try {
    // `readEnvironment` reads the variables of the options, because it also knows their defaults.
    return parseCommandLine(program, argv);
  } catch (error) {
    if (error instanceof CommandLineError) throw new CommandError('usage', error.message, { cause: error });
    throw error;
  }
}

/**
 * Parses the words after the program's name.
 *
 * @throws CommandError `usage`
 */
export function parseArguments(argv: readonly string[]): Invocation {
  const parsed = parse(argv);
  if (parsed.kind === 'help') return { kind: 'text', text: helpOf(program, parsed.command) };
  if (parsed.kind === 'version') return { kind: 'version' };
  const { common: options } = parsed;
  if (parsed.name === 'interactive') {
    const { line = null, full, recovery: offersRecovery } = parsed.request;
    return { kind: 'interactive', line, full, offersRecovery, options };
  }
  if (parsed.name === 'completion') {
    return { kind: 'text', text: completionOf(program, parsed.request.shell).trimEnd() };
  }
  const { name, request } = parsed;
  return { kind: 'one-shot', run: (context) => oneShots[name].run(request, context), options };
}
