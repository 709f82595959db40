/** Parses the command line and the environment of `chat-server`. The command line wins. */
import {
  CommandLineError,
  type ParsedCommandLine,
  parseCommandLine as parse,
  type RequestOf,
} from '@chat/command-line';
import { CommandError } from '../command-error.ts';
import { program } from './program.ts';

type Commands = (typeof program)['commands'];
type CommonOptions = RequestOf<{ operands: Record<never, never>; options: (typeof program)['options'] }>;

/** What a command is asked to do. */
export type RequestFor<Name extends keyof Commands> = RequestOf<Commands[Name]> & CommonOptions;

/** What a start is asked to do: the options of all commands, and the texts of the settings that stand on the command line. */
export type StartRequest = CommonOptions & { readonly given: ReadonlyMap<string, string> };

/**
 * Parses the command line of `chat-server`.
 *
 * @throws CommandError `usage`
 */
export function parseCommandLine(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ParsedCommandLine<typeof program> {
  try {
    return parse(program, argv, environment);
  } catch (error) {
    if (error instanceof CommandLineError) throw new CommandError('usage', error.message, { cause: error });
    throw error;
  }
}
