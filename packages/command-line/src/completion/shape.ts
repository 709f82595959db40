/** What a shell has to know of a program to complete its command lines. */
import type { Command, Operand, Option, OptionTable, Program, ValueOption } from '../definition.ts';

/** What stands at a place of a command line: one of some words, the path of a file or a directory, or any text. */
export type Place =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'directory' | 'text' };

/** An option as a user types it. */
export interface ShapeOption {
  /** With its dashes: `--json`, `--no-color`. */
  readonly flag: string;
  readonly help: string;
  /** The placeholder of its value and what stands there; null for a switch. */
  readonly value: { readonly name: string; readonly place: Place } | null;
}

/** A word after the command. */
export interface ShapeOperand {
  readonly name: string;
  readonly optional: boolean;
  readonly place: Place;
}

/** A command, or the program without one. */
export interface ShapeCommand {
  /** Empty for the default command without its name. */
  readonly name: string;
  /** The first sentence of its summary. */
  readonly summary: string;
  readonly operands: readonly ShapeOperand[];
  /** Its own options; those of all commands are in `Shape.common`. */
  readonly options: readonly ShapeOption[];
}

/** A program. */
export interface Shape {
  readonly name: string;
  /** The commands that a user can name, after the one that runs without a name. */
  readonly commands: readonly [ShapeCommand, ...ShapeCommand[]];
  readonly common: readonly ShapeOption[];
}

const standard: readonly ShapeOption[] = [
  { flag: '--help', help: 'Print the help of the program or of a command.', value: null },
  { flag: '--version', help: 'Print the version.', value: null },
];

/** Returns the shape of a program. */
export function shapeOf(program: Program): Shape {
  const { name, commands, defaultCommand, defaultIsNameless = false, options } = program;
  const nameless = commands[defaultCommand];
  if (nameless === undefined) throw new TypeError(`the program has no command ${defaultCommand}`);
  const named = Object.entries(commands).filter(([command]) => !(defaultIsNameless && command === defaultCommand));
  return {
    name,
    commands: [shapeOfCommand('', nameless), ...named.map(([command, row]) => shapeOfCommand(command, row))],
    common: [...optionsOf(options), ...standard],
  };
}

const shapeOfCommand = (name: string, { summary, operands, options }: Command): ShapeCommand => ({
  name,
  summary: firstSentence(summary),
  operands: Object.values(operands).map((operand) => ({
    name: operand.value,
    optional: operand.optional ?? false,
    place: placeOf(operand),
  })),
  options: optionsOf(options),
});

const optionsOf = (table: OptionTable): readonly ShapeOption[] =>
  Object.entries(table).map(([name, row]) => ({
    flag: flagOf(name, row),
    help: firstSentence(row.help),
    value: row.value === null ? null : { name: row.value, place: placeOf(row) },
  }));

/** Returns an option as a user types it: a switch that is on by itself is `--no-switch`. */
export const flagOf = (name: string, { value, fallback }: Option): string =>
  value === null && fallback === true ? `--no-${name}` : `--${name}`;

/** The schema of a choice lists its words. */
function placeOf({ value, schema }: Operand | ValueOption): Place {
  if ('options' in schema && Array.isArray(schema.options)) {
    const words = schema.options.filter((word: unknown) => typeof word === 'string');
    if (words.length > 0 && words.length === schema.options.length) return { kind: 'words', words };
  }
  if (value === 'FILE') return { kind: 'file' };
  return { kind: value === 'DIRECTORY' ? 'directory' : 'text' };
}

/** A full stop inside a word, as in `chat.example.org`, ends no sentence. */
const firstSentence = (text: string): string => /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/[.:]$/, '') ?? text;
