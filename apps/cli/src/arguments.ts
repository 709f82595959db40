/** The command line: what is to be done, and the options that everything has. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { z } from 'zod';
import { Failure } from './command-error.ts';
import { oneShots } from './one-shot/table.ts';
import type { Surroundings } from './run-context.ts';
import type { CommonOptions } from './settings.ts';

export type Invocation =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'interactive'; readonly line: InvitationLine | null; readonly options: CommonOptions }
  | {
      readonly kind: 'one-shot';
      readonly run: (around: Surroundings) => Promise<void>;
      readonly options: CommonOptions;
    };

const common = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  home: { type: 'string' },
  user: { type: 'string' },
  server: { type: 'string' },
  'password-file': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

const commonOptions = z.object({
  home: z.string().optional(),
  user: z.string().optional(),
  server: z.string().optional(),
  'password-file': z.string().optional(),
});

const hint = '"chat --help" shows what there is';

/** A package manager may leave its own `--` before our words; `--follow=false` is the long form of `--no-follow`. */
function normalised(argv: readonly string[]): string[] {
  const words = argv[0] === '--' ? argv.slice(1) : [...argv];
  const end = words.indexOf('--');
  return words.map((word, at) => {
    if (end >= 0 && at > end) return word;
    if (word === '--follow=false') return '--no-follow';
    return word === '--follow=true' ? '--follow' : word;
  });
}

function parse(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, options, allowPositionals: true, allowNegative: true, strict: true });
  } catch (cause) {
    const [why = ''] = cause instanceof Error ? cause.message.split(/[.\n]/) : [];
    throw new Failure('usage', `${why}: ${hint}.`, { cause });
  }
}

/** The first word that is not an option or an option's value. */
const firstWord = (args: string[], options: ParseArgsOptionsConfig): string | null =>
  parseArgs({ args, options, allowPositionals: true, allowNegative: true, strict: false }).positionals[0] ?? null;

/** A mistyped command is not taken for a host: an address has a colon, a dot or a slash, or is this machine. */
function lineFrom(word: string): InvitationLine {
  const line = /[:./#]|^localhost$/.test(word) ? parseInvitationLine(word) : null;
  if (line !== null) return line;
  const what = /[:/#]/.test(word)
    ? 'is not a line to join with (chat://host:9998#fingerprint)'
    : 'is neither a command nor a line to join with';
  throw new Failure('usage', `"${word}" ${what}: ${hint}.`);
}

/** Reads the words after the program's name. Fails with `usage`. */
export function parseArguments(argv: readonly string[]): Invocation {
  const args = normalised(argv);
  const word = firstWord(args, common);
  const command = word !== null && Object.hasOwn(oneShots, word) ? oneShots[word] : undefined;
  const { values, positionals } = parse(args, { ...common, ...command?.options });
  if (values['help'] === true) return { kind: 'help' };
  if (values['version'] === true) return { kind: 'version' };

  const options = commonOptions.parse(values);
  if (command !== undefined) {
    return { kind: 'one-shot', run: command.prepare(positionals.slice(1), values), options };
  }
  const [line, surplus] = positionals;
  const parsed = line === undefined ? null : lineFrom(line);
  if (surplus !== undefined) throw new Failure('usage', `"${surplus}" is one word too many: ${hint}.`);
  return { kind: 'interactive', line: parsed, options };
}
