/** What `--help` prints, made from the table of options. */
import { options } from './option-table.ts';

const rows = Object.entries(options).map(([name, { commands, environment, value, help }]) => ({
  left: `  --${name}${value === null ? '' : ` ${value}`}`,
  right: environment === null ? help : `${help} [${environment}]`,
  invite: commands.includes('invite') && !commands.includes('start'),
}));

const column = Math.max(...rows.map(({ left }) => left.length)) + 2;
const lines = (invite: boolean): string =>
  rows
    .filter((row) => row.invite === invite)
    .map(({ left, right }) => left.padEnd(column) + right)
    .join('\n');

export const usage = `Usage:
  chat-server [options]          start the server; ends on SIGINT or SIGTERM
  chat-server invite [options]   print a line with which one person can join

Options, with their default and their twin in the environment:
${lines(false)}
${'  --help'.padEnd(column)}print this
${'  --version'.padEnd(column)}print the version

Options of invite, besides --data:
${lines(true)}

CHAT_CA_PASSWORD_FILE names a file with a password that encrypts the CA's key.
`;
