/** Parses a command line against the table of a program. */
import { parseArgs } from 'node:util';
import type { Command, Option, OptionTable, Program, RequestOf, ValueOption } from './definition.ts';
import { CommandLineError } from './errors.ts';
import { usageOf } from './help.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A command line that was understood. `request` holds the command's own values, `common` the options of all commands, and `given` the
 * texts of the options that stand on the line: `true` or `false` for a switch.
 */
export type ParsedCommandLine<P extends Program> =
  | { readonly kind: 'help'; readonly command: (keyof P['commands'] & string) | null }
  | { readonly kind: 'version' }
  | {
      [N in keyof P['commands'] & string]: {
        readonly kind: 'command';
        readonly name: N;
        readonly request: RequestOf<P['commands'][N]>;
        readonly common: RequestOf<{ operands: Record<never, never>; options: P['options'] }>;
        readonly given: ReadonlyMap<string, string>;
      };
    }[keyof P['commands'] & string];

/** A token of `parseArgs` for an option. */
interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Parses the words after the program's name. `--help` wins over everything else on the line, and `--version` over everything but
 * `--help`.
 *
 * @param environment the variables that stand in for options
 * @throws CommandLineError whose message ends in a full stop
 */
export function parseCommandLine<P extends Program>(
  program: P,
  argv: readonly string[],
  environment: Environment = {},
): ParsedCommandLine<P> {
  const known = Object.assign({}, program.options, ...Object.values(program.commands).map(({ options }) => options));
  const { words, optionTokens } = tokensOf(argv, known);
  const name = words[0] !== undefined && isCommand(program, words[0]) ? words[0] : null;
  const asks = (option: string) => optionTokens.some((token) => token.name === option);
  if (asks('help')) return { kind: 'help', command: name };
  if (asks('version')) return { kind: 'version' };

  const scope = new Scope(program, name);
  const given = new Map(optionTokens.map((token) => scope.readOption(token, known)));
  const operands = scope.readOperands(name === null ? words : words.slice(1));
  const own = scope.readValues(scope.command.options, given, environment);
  const common = scope.readValues(program.options, given, environment);
  const request = { ...operands, ...own };
  const parsed: unknown = { kind: 'command', name: name ?? program.defaultCommand, request, common, given };
  return parsed as ParsedCommandLine<P>;
}

const isCommand = ({ commands, defaultCommand, defaultIsNameless = false }: Program, word: string): boolean =>
  Object.hasOwn(commands, word) && !(defaultIsNameless && word === defaultCommand);

function tokensOf(argv: readonly string[], known: OptionTable) {
  const types = Object.entries(known).map(([name, { value }]) => [
    name,
    { type: value === null ? 'boolean' : 'string' } as const,
  ]);
  const { tokens } = parseArgs({
    // A package manager may leave its own `--` before the program's words.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: { ...Object.fromEntries(types), help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });
  return {
    words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
    optionTokens: tokens.flatMap((token): OptionToken[] => (token.kind === 'option' ? [token] : [])),
  };
}

/** The command that a line is parsed for. It is named in every error. */
class Scope {
  readonly command: Command;
  readonly #program: Program;
  readonly #name: string | null;

  constructor(program: Program, name: string | null) {
    const command = program.commands[name ?? program.defaultCommand];
    if (command === undefined) throw new TypeError(`the program has no command ${program.defaultCommand}`);
    this.command = command;
    this.#program = program;
    this.#name = name;
  }

  /** The words that start this command. */
  get #words(): string {
    return this.#name === null ? this.#program.name : `${this.#program.name} ${this.#name}`;
  }

  #error(code: CommandLineError['code'], what: string): CommandLineError {
    return new CommandLineError(code, `${what} See "${this.#words} --help".`);
  }

  /** Returns the name and the given text of an option; of a switch, `true` or `false`. */
  readOption(token: OptionToken, known: OptionTable): readonly [string, string] {
    const { name, rawName, value, inlineValue } = token;
    const isNegated = !Object.hasOwn(known, name) && name.startsWith('no-') && known[name.slice(3)]?.value === null;
    const option = isNegated ? name.slice(3) : name;
    const row = Object.hasOwn(known, option) ? known[option] : undefined;
    if (row === undefined) throw this.#error('unknown-option', `There is no option ${rawName}.`);
    if (!Object.hasOwn(this.command.options, option) && !Object.hasOwn(this.#program.options, option)) {
      throw this.#error('unknown-option', `"${this.#words}" does not take ${rawName}.`);
    }
    if (row.value === null) {
      const isPlain = isNegated ? value === undefined : value === undefined || value === 'true' || value === 'false';
      if (!isPlain) throw this.#error('invalid-value', `${rawName} takes no value.`);
      return [option, isNegated ? 'false' : (value ?? 'true')];
    }
    const isMissing = value === undefined || (!inlineValue && value.length > 1 && value.startsWith('-'));
    if (isMissing) throw this.#error('invalid-value', `${rawName} takes ${(row as ValueOption).takes}.`);
    return [option, value];
  }

  readOperands(words: readonly string[]): Readonly<Record<string, unknown>> {
    const operands = Object.entries(this.command.operands);
    const first = words[0];
    if (this.#name === null && operands.length === 0 && first !== undefined) {
      const names = Object.keys(this.#program.commands).filter((word) => isCommand(this.#program, word));
      throw this.#error('unknown-command', `There is no command ${JSON.stringify(first)}, only ${names.join(', ')}.`);
    }
    const read = operands.flatMap(([key, { value, takes, schema, optional = false }], at) => {
      const word = words[at];
      if (word === undefined) {
        if (optional) return [];
        const usage = usageOf(this.#program, this.#name ?? this.#program.defaultCommand);
        throw this.#error('missing-operand', `${value} is missing: ${usage}.`);
      }
      const { success, data } = schema.safeParse(word);
      if (success) return [[key, data] as const];
      if (this.#name === null && at === 0) {
        throw this.#error('unknown-command', `${JSON.stringify(word)} is neither a command nor ${takes}.`);
      }
      throw this.#error('invalid-value', `${value} takes ${takes}, not ${JSON.stringify(word)}.`);
    });
    const surplus = words[operands.length];
    if (surplus !== undefined) {
      throw this.#error(
        'unexpected-operand',
        `${JSON.stringify(surplus)} is one word too many; a text with spaces must be quoted.`,
      );
    }
    return Object.fromEntries(read);
  }

  readValues(
    table: OptionTable,
    given: ReadonlyMap<string, string>,
    environment: Environment,
  ): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(table).flatMap(([name, row]) => {
        const value = this.#valueOf(name, row, given.get(name), environment);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  #valueOf(name: string, row: Option, text: string | undefined, environment: Environment): unknown {
    const variable = row.environment;
    const set = variable === undefined ? undefined : environment[variable] || undefined;
    if (row.value === null) {
      const chosen = text ?? set ?? String(row.fallback ?? false);
      if (chosen === 'true' || chosen === 'false') return chosen === 'true';
      throw this.#error('invalid-value', `${variable} takes true or false, not ${JSON.stringify(chosen)}.`);
    }
    const { takes, schema, fallback } = row;
    const chosen = text ?? set ?? fallback;
    if (chosen === undefined) return undefined;
    const { success, data } = schema.safeParse(chosen);
    if (success) return data;
    const where = text === undefined && set !== undefined ? variable : `--${name}`;
    throw this.#error('invalid-value', `${where} takes ${takes}, not ${JSON.stringify(chosen)}.`);
  }
}
