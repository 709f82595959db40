/** `chat-server init`: asks three questions, and writes the configuration with which `start` serves. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { writeAtomically } from '@chat/durable-files';
import { defaultPorts } from '@chat/protocol';
import type { Ask } from '../ask.ts';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { RequestFor } from '../config/command-line.ts';
import { isUsableHost } from '../config/hosts.ts';
import { ownCommand } from '../config/shell-word.ts';
import { configPlace } from '../configuration/configuration.ts';
import { fileLine } from '../configuration/example-file.ts';
import { dataDirectory, prepareDirectory } from '../data/data-directory.ts';
import type { RunContext } from '../run-context.ts';

/** The answers: what the configuration says. */
interface Answers {
  readonly host: string;
  /** Null: the server finds it. */
  readonly publicHost: string | null;
  readonly policy: NonNullable<RequestFor<'init'>['policy']>;
}

/**
 * Writes `config.toml` in the data directory, or the file that `--config` names, and prints the next command.
 *
 * @throws CommandError `usage` when an answer is missing and no operator sits at a terminal, `not-confirmed` when the operator ends the
 *   input, `file-exists`, `file-access`, `data-directory`
 */
export async function init(request: RequestFor<'init'>, { environment, print, ask }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  const { path: file } = configPlace(request.config, directory.path);
  if (existsSync(file)) {
    const check = ownCommand('config', request.data ?? null);
    throw new CommandError('file-exists', `${file} exists: edit it. "${check}" shows the settings in force.`);
  }
  const answers = await answersOf(request, ask);
  await prepareDirectory(directory);
  await writeAtomically(file, textOf(answers)).catch((error: unknown) => {
    throw fileAccessError('write', file, error);
  });
  print(nextSteps(answers, { file, data: request.data ?? null }));
}

async function answersOf(request: RequestFor<'init'>, ask: Ask | null): Promise<Answers> {
  const from =
    request.from ??
    (await choose(ask, {
      option: '--from',
      question: 'Where do the users come from?',
      choices: { machine: 'this machine only', network: 'my network', internet: 'the internet, by a public name' },
    }));
  if (from === 'machine') {
    return { host: '127.0.0.1', publicHost: request['public-host'] ?? null, policy: request.policy ?? 'open' };
  }
  const publicHost = request['public-host'] ?? (await askHost(ask, from));
  const policy =
    request.policy ??
    (await choose(ask, {
      option: '--policy',
      question: 'Who may enrol?',
      choices: { invite: 'users with an invitation', open: 'every user who reaches the server' },
    }));
  return { host: '0.0.0.0', publicHost, policy };
}

interface Choice<T extends string> {
  readonly option: string;
  readonly question: string;
  /** What each answer means. The first one is that of an empty line. */
  readonly choices: Readonly<Record<T, string>>;
}

/** Asks until the answer is a number or a word of the list. */
async function choose<T extends string>(ask: Ask | null, { option, question, choices }: Choice<T>): Promise<T> {
  const names = Object.keys(choices) as T[];
  if (ask === null) throw missing(option, names.join(' or '));
  const rows = names.map((name, index) => `  ${index + 1}) ${choices[name]}`).join('\n');
  for (let complaint = ''; ; ) {
    const answer = (await answered(ask, `${complaint}${question}\n${rows}\n[1] `)).toLowerCase() || '1';
    const chosen = names.find((name, index) => answer === name || answer === String(index + 1));
    if (chosen !== undefined) return chosen;
    complaint = `${JSON.stringify(answer)} is none of these.\n`;
  }
}

/** Asks until the answer can stand in an invitation line. Of this network, an empty line is the name of this machine. */
async function askHost(ask: Ask | null, from: 'network' | 'internet'): Promise<string> {
  if (ask === null) throw missing('--public-host', 'the name or address by which users reach this machine');
  const own = from === 'network' && isUsableHost(hostname()) ? hostname() : '';
  const prompt = own === '' ? 'such as chat.example.org: ' : `[${own}] `;
  const question = `By which name or address do users reach this machine?\n${prompt}`;
  for (let complaint = ''; ; ) {
    const answer = (await answered(ask, `${complaint}${question}`)) || own;
    if (isUsableHost(answer)) return answer;
    complaint = `${JSON.stringify(answer)} is not a host name or an IP address.\n`;
  }
}

async function answered(ask: Ask, question: string): Promise<string> {
  const answer = await ask(question);
  if (answer === null) throw new CommandError('not-confirmed', 'Nothing was written.');
  return answer.trim();
}

const missing = (option: string, takes: string): CommandError =>
  new CommandError('usage', `There is no terminal to ask at: name ${takes} with ${option}.`);

function textOf({ host, publicHost, policy }: Answers): string {
  const settings = { host, ...(publicHost !== null && { 'public-host': publicHost }), policy };
  const lines = Object.entries(settings).map(([name, value]) => fileLine(name, value));
  return ['# By chat-server init. "chat-server config --example" prints all settings.', ...lines, ''].join('\n');
}

function nextSteps(
  { host, publicHost, policy }: Answers,
  { file, data }: { readonly file: string; readonly data: string | null },
): string {
  const lines = [`The settings are in ${file}. Start the server:`, `  ${ownCommand('start', data)}`];
  if (host !== '127.0.0.1') {
    const { enrolment, chat } = defaultPorts;
    lines.push(`Let TCP ports ${enrolment} and ${chat} through to this machine, which users reach as ${publicHost}.`);
  }
  if (policy === 'invite') lines.push('Invite a user:', `  ${ownCommand('invite NAME', data)}`);
  return lines.join('\n');
}
