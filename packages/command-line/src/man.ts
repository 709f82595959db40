/** Manual pages, made from the table of a program. */

import { flagOf } from './completion/shape.ts';
import type { Command, Option, OptionTable, Program } from './definition.ts';
import { usageOf } from './help.ts';

/** Text of a paragraph: no character of it is an instruction to the formatter. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^\./gm, '\\&.');

const bold = (text: string): string => `\\fB${plain(text)}\\fR`;
const italic = (text: string): string => `\\fI${plain(text)}\\fR`;
const paragraph = (title: string, text: string): string => `.TP\n${title}\n${plain(text)}`;
const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`.SH ${title}`, ...lines];

/**
 * Returns the manual page of a program, in the language of `man`.
 *
 * @param version the version of the program
 */
export function manPageOf(program: Program, version: string): string {
  const { name, summary, commands, defaultCommand, defaultIsNameless = false, options, notes } = program;
  const titleOf = (command: string) =>
    command === defaultCommand
      ? defaultIsNameless
        ? `${name} [options]`
        : `${name} [${command}]`
      : `${name} ${command}`;
  const variables = variablesOf([options, ...Object.values(commands).map((command) => command.options)]);
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}"`,
    ...section('NAME', [`${plain(name)} \\- ${plain(summary.replace(/\.$/, ''))}`]),
    ...section(
      'SYNOPSIS',
      Object.keys(commands).flatMap((command, at) => [...(at === 0 ? [] : ['.br']), plain(usageOf(program, command))]),
    ),
    ...section(
      'COMMANDS',
      Object.entries(commands).flatMap(([command, row]) => [
        `.SS "${plain(titleOf(command))}"`,
        plain(row.summary),
        ...operandLines(row),
        ...optionLines(row.options),
      ]),
    ),
    ...section('OPTIONS', [
      ...optionLines(options),
      paragraph(`${bold('--help')}, ${bold('-h')}`, 'Print the help of the program or of a command.'),
      paragraph(bold('--version'), 'Print the version.'),
    ]),
    ...section('ENVIRONMENT', variables),
    ...section(
      'NOTES',
      notes.flatMap((note, at) => [...(at === 0 ? [] : ['.PP']), plain(note)]),
    ),
    '',
  ].join('\n');
}

/** Operands of one name take the same, so one row explains all of them. */
function operandLines({ operands }: Command): readonly string[] {
  const rules = new Map(Object.values(operands).map(({ value, takes }) => [value, takes]));
  return [...rules].map(([value, takes]) =>
    paragraph(italic(value), `${takes.charAt(0).toUpperCase()}${takes.slice(1)}.`),
  );
}

const optionLines = (table: OptionTable): readonly string[] => Object.entries(table).map(optionLine);

function optionLine([name, row]: readonly [string, Option]): string {
  const flag = bold(flagOf(name, row));
  if (row.value === null) return paragraph(flag, row.help);
  const { value, help, fallback } = row;
  return paragraph(`${flag} ${italic(value)}`, fallback === undefined ? help : `${help} Default: ${fallback}.`);
}

/** The variables that stand in for options, each once. */
function variablesOf(tables: readonly OptionTable[]): readonly string[] {
  const rows = tables.flatMap((table) =>
    Object.entries(table).flatMap(([name, row]) =>
      row.environment === undefined ? [] : [[row.environment, `Stands in for ${flagOf(name, row)}.`] as const],
    ),
  );
  return [...new Map(rows)].map(([variable, text]) => paragraph(bold(variable), text));
}
