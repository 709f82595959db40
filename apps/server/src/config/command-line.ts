/** Reads the command line and the environment; the command line wins. */
import { parseArgs } from 'node:util';
import { type UserName, userName } from '@chat/protocol';
import { Complaint } from '../command-error.ts';
import { type CommandName, commands, type OptionName, options, type ValueOption, values } from './option-table.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Values = { readonly [K in ValueOption]?: ReturnType<(typeof values)[K]['parse']> };

export interface StartCommand extends Values {
  readonly name: 'start';
  readonly logJson: boolean;
}
export interface InviteCommand extends Values {
  readonly name: 'invite';
}
export interface RevokeCommand extends Values {
  readonly name: 'revoke';
  readonly user: UserName;
  readonly json: boolean;
}
export interface UsersCommand extends Values {
  readonly name: 'users';
  readonly json: boolean;
}
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | StartCommand
  | InviteCommand
  | RevokeCommand
  | UsersCommand;

const refuse = (message: string): Complaint => new Complaint(message, { exitCode: 2 });

const isCommand = (word: string): word is CommandName => Object.hasOwn(commands, word);

const isOption = (name: string): name is OptionName => Object.hasOwn(options, name);

/** Throws `Complaint` with exit code 2 for anything that it does not know or that is out of range. */
export function parseCommandLine(args: readonly string[], environment: Environment): Command {
  const given = new Map<OptionName, string>();
  const words: string[] = [];
  const spelled = Object.entries(options).map(([name, { value }]) => [
    name,
    { type: value === null ? ('boolean' as const) : ('string' as const) },
  ]);
  const { tokens } = parseArgs({
    // A package manager may pass on the `--` that stands before a script's own arguments.
    args: args[0] === '--' ? args.slice(1) : [...args],
    options: { ...Object.fromEntries(spelled), help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });

  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') return { name: token.name };
    given.set(optionOf(token), token.value ?? '');
  }
  return build(commandOf(words), given, environment);
}

function optionOf(token: {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}) {
  const { name, rawName, value, inlineValue } = token;
  if (!isOption(name)) throw refuse(`There is no option ${rawName}: --help lists them all.`);
  const row = options[name];
  const missing = value === undefined || value === '' || (!inlineValue && value.startsWith('-'));
  if (row.value === null ? value !== undefined : missing) throw refuse(`${rawName} takes ${row.takes}.`);
  return name;
}

/** The command, and the word that follows it. */
function commandOf([word = 'start', ...more]: readonly string[]): { name: CommandName; operand: string } {
  if (!isCommand(word)) {
    const others = Object.keys(commands).filter((name) => name !== 'start');
    throw refuse(
      `There is no command ${JSON.stringify(word)}: it takes ${others.join(', ')}, or none to start the server.`,
    );
  }
  const { operand } = commands[word];
  const [first, ...rest] = more;
  const surplus = operand === null ? first : rest[0];
  if (surplus !== undefined) throw refuse(`${word} takes no further word, and ${JSON.stringify(surplus)} is one.`);
  if (operand !== null && first === undefined) throw refuse(`${word} takes a ${operand}.`);
  return { name: word, operand: first ?? '' };
}

function build(
  { name, operand }: { name: CommandName; operand: string },
  given: ReadonlyMap<OptionName, string>,
  environment: Environment,
): Command {
  for (const option of given.keys()) {
    if (!options[option].commands.includes(name)) throw refuse(`--${option} is not an option of ${name}.`);
  }
  const found = valuesOf(name, given, environment);
  const json = given.has('json');
  switch (name) {
    case 'start':
      return { name, logJson: given.has('log-json'), ...found };
    case 'invite':
      return { name, ...found };
    case 'revoke':
      return { name, user: userOf(operand), json, ...found };
    case 'users':
      return { name, json, ...found };
  }
}

function userOf(text: string): UserName {
  const user = userName.safeParse(text);
  if (user.success) return user.data;
  throw refuse(`revoke takes the name of a user, and ${JSON.stringify(text)} is none.`);
}

function valuesOf(name: CommandName, given: ReadonlyMap<OptionName, string>, environment: Environment): Values {
  const parsed = (Object.keys(values) as ValueOption[]).flatMap((option) => {
    const row = options[option];
    if (!row.commands.includes(name)) return [];
    const onLine = given.get(option);
    // An empty variable is one that is not set.
    const text = onLine ?? (row.environment === null ? '' : (environment[row.environment] ?? ''));
    if (text === '') return [];
    const result = values[option].safeParse(text);
    const where = onLine === undefined ? row.environment : `--${option}`;
    if (!result.success) throw refuse(`${where} takes ${row.takes}, not ${JSON.stringify(text)}.`);
    return [[option, result.data]];
  });
  return Object.fromEntries(parsed);
}
