/** The configuration file: TOML, one key for each setting. Reads it, and names everything in it that is wrong. */
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from '@chat/protocol';
import { parse, TomlError } from 'smol-toml';
import { CommandError, fileAccessError } from '../command-error.ts';
import { readValue, settingTable, takesOf } from '../config/setting-table.ts';
import { nearestName } from './nearest-name.ts';

/** A setting in a file. */
export interface FileEntry {
  /** The value as an option would have it. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A file whose settings are all valid. */
export interface ConfigFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, FileEntry>;
}

/** Far more than all settings with comments take. */
const maxBytes = 1024 * 1024;

/**
 * Reads a file and checks every setting in it.
 *
 * @returns null when there is no such file
 * @throws CommandError `file-access`, `config` with one line for each thing that is wrong
 */
export async function readConfigFile(path: string): Promise<ConfigFile | null> {
  try {
    await using file = await open(path, 'r');
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o002) !== 0) {
      throw new CommandError('config', `${path}: every user of this machine can write it: run "chmod o-w ${path}".`);
    }
    if (size > maxBytes) throw new CommandError('config', `${path}: it is larger than 1M, so it is no configuration.`);
    return parseConfig(path, await file.readFile('utf8'));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (codeOf(error) === 'ENOENT') return null;
    throw fileAccessError('read the configuration', path, error);
  }
}

/**
 * Parses the text of a file.
 *
 * @param path the absolute path, from which relative paths in the file count
 * @throws CommandError `config` with one line for each thing that is wrong
 */
export function parseConfig(path: string, text: string): ConfigFile {
  const table = parseToml(path, text);
  const lineOf = lineFinder(text);
  const problems: string[] = [];
  const entries = new Map<string, FileEntry>();
  for (const [name, value] of Object.entries(table)) {
    const line = lineOf(name);
    const read = readEntry(name, value, dirname(path));
    if ('problem' in read) problems.push(`${path}:${line}: ${read.problem}`);
    else entries.set(name, { text: read.text, line });
  }
  if (problems.length > 0) throw new CommandError('config', problems.join('\n'));
  return { path, entries };
}

function parseToml(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded', unsafeKeyBehaviour: 'keep' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with lines of the file, in which a password may stand by mistake.
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw new CommandError(
      'config',
      `${path}:${error.line}: this is not TOML (${reason}, column ${error.column}): write NAME = VALUE, and texts in quotes.`,
    );
  }
}

const scalars: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean']);

function readEntry(
  name: string,
  value: unknown,
  folder: string,
): { readonly text: string } | { readonly problem: string } {
  const setting = Object.hasOwn(settingTable, name) ? settingTable[name] : undefined;
  if (setting === undefined) return { problem: unknownText(name, value) };
  if (!scalars.has(typeof value)) return { problem: `${name} takes ${takesOf(name)}, not a table, a list or a date.` };
  const text = String(value);
  if (readValue(name, text) === undefined) {
    return { problem: `${name} takes ${takesOf(name)}, not ${JSON.stringify(value, asText)}.` };
  }
  return { text: setting.isPath === true ? resolve(folder, text) : text };
}

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** Explains a name without its value, which may be a secret. */
function unknownText(name: string, value: unknown): string {
  const shown = JSON.stringify(name);
  if (name === 'data') return `${shown} is no setting of the file: name the data directory with --data or CHAT_DATA.`;
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)) {
    return `There is no table ${shown}: the file has no tables, write its settings above without [${name}].`;
  }
  if (/password|secret|token/i.test(name) && nearestName(name, Object.keys(settingTable)) === null) {
    return `There is no setting ${shown}, and the file holds no secrets: write a password into a file of its own, and name that file.`;
  }
  const meant = nearestName(name, Object.keys(settingTable));
  return `There is no setting ${shown}${meant === null ? ': "chat-server config --example" lists all of them' : `: did you mean ${meant}?`}`;
}

/** Returns a function that finds the line of a key at the top of a valid document. */
function lineFinder(text: string): (name: string) => number {
  const lines = text.split('\n');
  return (name) => {
    const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const key = new RegExp(`^\\s*\\[*\\s*["']?${quoted}["']?\\s*[=.\\]]`);
    const found = lines.findIndex((line, at) => key.test(line) && isWhole(lines.slice(0, at)));
    return found === -1 ? 1 : found + 1;
  };
}

/** Returns whether a statement can begin after these lines: false inside of a text of several lines. */
function isWhole(lines: readonly string[]): boolean {
  try {
    parse(lines.join('\n'));
    return true;
  } catch {
    return false;
  }
}
