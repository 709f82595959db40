/** Help texts, made from the table of a program. */
import type { Command, Option, OptionTable, Program } from './definition.ts';

/** Terminals have at least this many columns. */
const columns = 80;
/** Where the right column of options begins at the latest. */
const maxLeftColumns = 32;

const standardOptions: readonly HelpRow[] = [
  { left: '--help, -h', right: 'Print the help of the program or of a command.' },
  { left: '--version', right: 'Print the version.' },
];

/** One line of a help text in two columns. */
export interface HelpRow {
  readonly left: string;
  readonly right: string;
}

/** The option as a user types it: `--port PORT`; a switch that is on by itself is `--no-switch`. */
const typed = (name: string, { value, fallback }: Option): string =>
  value === null ? `--${fallback === true ? 'no-' : ''}${name}` : `--${name} ${value}`;

/** Returns the words of a command in one line: `chat send ROOM [TEXT] [--json]`. */
export function usageOf(program: Program, name: string): string {
  const { operands, options } = commandOf(program, name);
  const words = Object.values(operands).map(({ value, optional = false }) => (optional ? `[${value}]` : value));
  const isDefault = name === program.defaultCommand;
  const given = isDefault ? ['[options]'] : Object.entries(options).map(([option, row]) => `[${typed(option, row)}]`);
  return [program.name, ...(isDefault ? [] : [name]), ...words, ...given].join(' ');
}

function commandOf({ commands }: Program, name: string): Command {
  const command = commands[name];
  if (command === undefined) throw new TypeError(`the program has no command ${name}`);
  return command;
}

/** Breaks a text into lines of at most `width` characters. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const indented = (text: string, indent: number): string =>
  wrapped(text, columns - indent)
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');

/** The least place for the right text. With less, it stands below the left one. */
const leastRight = 24;
const indentBelow = 4;

/**
 * Returns rows in two columns. The right one begins at `column` and is wrapped. A left text that is too long for its column has
 * a line of its own, and so has each one if there is no place for two columns.
 *
 * @param width the width of the terminal. Default: 80
 */
export function columnsText(rows: readonly HelpRow[], column: number, width: number = columns): string {
  const indent = width - column < leastRight ? indentBelow : column;
  return rows
    .map(({ left, right }) => {
      const lines = wrapped(right, width - indent).map((line) => ' '.repeat(indent) + line);
      if (left.length >= indent) return [...wrapped(left, width), ...lines].join('\n');
      return [left.padEnd(indent) + (lines[0] ?? '').slice(indent), ...lines.slice(1)].join('\n');
    })
    .join('\n');
}

/** Returns a text in lines of at most `width` characters. */
export const paragraphText = (text: string, width: number): string => wrapped(text, width).join('\n');

function optionRow([name, row]: readonly [string, Option]): HelpRow {
  const { value, help, fallback, environment } = row;
  return {
    left: typed(name, row),
    right: [
      help,
      ...(value === null || fallback === undefined ? [] : [`Default: ${fallback}.`]),
      ...(environment === undefined ? [] : [`Variable: ${environment}.`]),
    ].join(' '),
  };
}

/** Returns the rows of a section, or of the options that are in none. */
const optionRows = (table: OptionTable, section?: string): readonly HelpRow[] =>
  Object.entries(table)
    .filter(([, row]) => row.section === section)
    .map(optionRow);

/** Returns the titles of the sections, in the order of their first options. */
const sectionsOf = (table: OptionTable): readonly string[] => [
  ...new Set(Object.values(table).flatMap(({ section }) => (section === undefined ? [] : [section]))),
];

interface Section {
  readonly title: string;
  readonly rows: readonly HelpRow[];
}

function sectionsText(sections: readonly Section[]): readonly string[] {
  const shown = sections.filter(({ rows }) => rows.length > 0);
  const widest = Math.max(...shown.flatMap(({ rows }) => rows.map(({ left }) => left.length)));
  const column = Math.min(maxLeftColumns, widest + 4);
  return shown.map(({ title, rows }) => {
    const indentedRows = rows.map(({ left, right }) => ({ left: `  ${left}`, right }));
    return `${title}:\n${columnsText(indentedRows, column)}`;
  });
}

/**
 * Returns a help text of at most 80 columns.
 *
 * @param command the command to explain; null for the whole program
 */
export const helpOf = (program: Program, command: string | null): string =>
  command === null ? programHelp(program) : commandHelp(program, command);

/** Each command, and the options of the default one and of all. */
function programHelp(program: Program): string {
  const { name, summary, commands, defaultCommand, options, notes } = program;
  const usages = Object.entries(commands).map(
    ([command, { summary: does }]) => `${indented(usageOf(program, command), 2)}\n${indented(does, 6)}`,
  );
  const more = sectionsOf(commandOf(program, defaultCommand).options).join(', ');
  return [
    indented(`${name}: ${summary}`, 0),
    `Commands:\n${usages.join('\n')}`,
    indented(`"${name} COMMAND --help" explains the options of a command.`, 0),
    ...(more === '' ? [] : [indented(`"${name} ${defaultCommand} --help" has more options: ${more}.`, 0)]),
    ...sectionsText([
      { title: `Options of "${name}" without a command`, rows: optionRows(commandOf(program, defaultCommand).options) },
      { title: 'Options of all commands', rows: [...optionRows(options), ...standardOptions] },
    ]),
    ...notes.map((note) => indented(note, 0)),
  ].join('\n\n');
}

/** One command: its operands and all of its options. */
function commandHelp(program: Program, name: string): string {
  const { summary, operands, options } = commandOf(program, name);
  // Operands of one name take the same, so one row explains all of them.
  const rules = new Map(Object.values(operands).map(({ value, takes }) => [value, takes]));
  const operandRows = [...rules].map(([left, takes]) => ({
    left,
    right: `${takes.charAt(0).toUpperCase()}${takes.slice(1)}.`,
  }));
  return [
    indented(`Usage: ${usageOf(program, name)}`, 0),
    indented(summary, 0),
    ...sectionsText([
      { title: 'Operands', rows: operandRows },
      { title: 'Options', rows: optionRows(options) },
      ...sectionsOf(options).map((title) => ({ title, rows: optionRows(options, title) })),
      { title: 'Options of all commands', rows: [...optionRows(program.options), ...standardOptions] },
    ]),
  ].join('\n\n');
}
