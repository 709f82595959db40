/** What `--help` prints, made from the tables of commands and options. */
import { type CommandName, commands, options } from './option-table.ts';

const commandRows = Object.entries(commands).map(([name, { operand, help }]) => {
  const words = name === 'start' ? [] : [name, ...(operand === null ? [] : [operand])];
  return { left: `  ${['chat-server', ...words, '[options]'].join(' ')}`, right: help };
});

const optionRows = Object.entries(options).map(([name, { commands: taken, environment, value, help }]) => ({
  left: `  --${name}${value === null ? '' : ` ${value}`}`,
  right: environment === null ? help : `${help} [${environment}]`,
  taken,
}));

const column = Math.max(...[...commandRows, ...optionRows].map(({ left }) => left.length)) + 2;

const lines = (rows: readonly { left: string; right: string }[]): string =>
  rows.map(({ left, right }) => left.padEnd(column) + right).join('\n');

/** What the other commands take is told with them. */
const forStart = optionRows.filter(({ taken }) => taken.includes('start'));
const others = (Object.keys(commands) as CommandName[]).flatMap((name) => {
  const rows = optionRows.filter(({ taken }) => taken.includes(name) && !taken.includes('start'));
  return name === 'start' || rows.length === 0 ? [] : [`Options of ${name}, besides --data:\n${lines(rows)}`];
});

export const usage = `Usage:
${lines(commandRows)}

Options, with their default and their twin in the environment:
${lines(forStart)}
${'  --help'.padEnd(column)}print this
${'  --version'.padEnd(column)}print the version

${others.join('\n\n')}

All of them work while the server runs and while it does not.

CHAT_CA_PASSWORD_FILE names a file with a password that encrypts the CA's key.
`;
