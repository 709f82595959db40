/** Reads the command line and the environment; the command line wins. */
import { parseArgs } from 'node:util';
import { Complaint } from './complaint.ts';
import { type CommandName, type OptionName, options, type ValueOption, values } from './option-table.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Values = { readonly [K in ValueOption]?: ReturnType<(typeof values)[K]['parse']> };

export interface StartCommand extends Values {
  readonly name: 'start';
  readonly logJson: boolean;
}
export interface InviteCommand extends Values {
  readonly name: 'invite';
}
export type Command = { readonly name: 'help' } | { readonly name: 'version' } | StartCommand | InviteCommand;

const refuse = (message: string): Complaint => new Complaint(message, { exitCode: 2 });

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

function commandOf([word = 'start', more]: readonly string[]): CommandName {
  if (word !== 'start' && word !== 'invite') {
    throw refuse(`There is no command ${JSON.stringify(word)}: it takes invite, or none to start the server.`);
  }
  if (more !== undefined) throw refuse(`${word} takes no further word, and ${JSON.stringify(more)} is one.`);
  return word;
}

function build(name: CommandName, given: ReadonlyMap<OptionName, string>, environment: Environment): Command {
  for (const option of given.keys()) {
    if (!options[option].commands.includes(name)) throw refuse(`--${option} is not an option of ${name}.`);
  }
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
  const found: Values = Object.fromEntries(parsed);
  return name === 'start' ? { name, logJson: given.has('log-json'), ...found } : { name, ...found };
}
