/** An annotated configuration file with every setting, and single lines of one. */
import { stringify } from 'smol-toml';
import type { Setting } from '../config/setting.ts';
import { defaultOf, settingTable, takesOf } from '../config/setting-table.ts';

const columns = 100;

/** Returns a setting as a line of a configuration file. */
export function fileLine(name: string, text: string): string {
  const isPlain = /^(\d{1,15}|true|false)$/.test(text);
  return stringify({ [name]: isPlain ? JSON.parse(text) : text }).trimEnd();
}

/** Returns a text as lines of comments. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join('\n');
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function annotated(name: string, { help, environment, needsRestart = false, example }: Setting): string {
  const text = defaultOf(name) ?? example ?? '';
  const facts = [
    `${capitalised(takesOf(name))}.`,
    ...(environment === undefined ? [] : [`Variable: ${environment}.`]),
    ...(needsRestart ? ['A change needs a restart.'] : []),
  ];
  return [comment(help), comment(facts.join(' ')), `# ${fileLine(name, text)}`].join('\n');
}

const head = [
  'The configuration of chat-server. Each line here that begins with "# NAME =" is a setting: remove the # to set it. Those with a default show it, the others an example.',
  'An option --NAME or the variable of a setting wins over this file. This file holds no passwords: some settings name files that do.',
  'After a change: "chat-server config --check FILE", then "chat-server config reload", or SIGHUP.',
];

/** Returns the whole file. Its settings are comments, so that it changes nothing until the operator edits it. */
export function exampleFile(): string {
  const names = Object.entries(settingTable);
  const topics = [...new Set(names.map(([, { topic }]) => topic))];
  const sections = topics.map((topic) => {
    const rows = names.filter(([, setting]) => setting.topic === topic);
    const body = rows.map(([name, setting]) => annotated(name, setting)).join('\n\n');
    return `${`# ---- ${topic} `.padEnd(columns, '-')}\n\n${body}`;
  });
  return [head.map(comment).join('\n'), ...sections].join('\n\n');
}
