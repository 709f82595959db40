/** The settings in force, and where each comes from: option, environment, configuration file or default, in this order. */
import { join, resolve } from 'node:path';
import type { RequestOf } from '@chat/command-line';
import { CommandError } from '../command-error.ts';
import { defaultOf, readValue, settingTable, takesOf } from '../config/setting-table.ts';
import type { startOptions } from '../config/start-options.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Kinds of places from which a setting comes. A command is one that changes a running server, such as `chat-server logs`. */
export const origins = ['option', 'environment', 'file', 'default', 'command'] as const;

/** Where a setting comes from. */
export interface Origin {
  readonly from: (typeof origins)[number];
  /** The option, the variable, or file and line; null for a default. */
  readonly where: string | null;
}

/** A setting in force. */
export interface SettingInForce extends Origin {
  /** As an option would have it; null when there is no value. */
  readonly text: string | null;
  /** What the text means; undefined when there is none. */
  readonly value: unknown;
}

/** All settings in force, by their names. */
export type Configuration = ReadonlyMap<string, SettingInForce>;

/** The values of the settings apart from the limits. */
export type StartValues = RequestOf<{ operands: Record<never, never>; options: typeof startOptions }>;

/** Where settings come from. */
export interface Sources {
  /** The texts of the options on the command line. */
  readonly given: ReadonlyMap<string, string>;
  readonly environment: Environment;
  readonly file: ConfigFile | null;
}

/** A file that may hold settings. */
export interface ConfigPlace {
  readonly path: string;
  /** True when the operator has named it, so that it must exist. */
  readonly isNamed: boolean;
}

/** Returns the file of a server: the one that the option or CHAT_SERVER_CONFIG names, else `config.toml` in the data directory. */
export function configPlace(option: string | undefined, folder: string): ConfigPlace {
  return option === undefined
    ? { path: join(folder, 'config.toml'), isNamed: false }
    : { path: resolve(option), isNamed: true };
}

/**
 * Reads the file of a server.
 *
 * @returns null when there is none, and none was named
 * @throws CommandError `file-access`, `config`
 */
export async function readConfig({ path, isNamed }: ConfigPlace): Promise<ConfigFile | null> {
  const file = await readConfigFile(path);
  if (file !== null || !isNamed) return file;
  throw new CommandError(
    'file-access',
    `Cannot read the configuration ${path}: it does not exist. "chat-server config --example" prints one.`,
  );
}

/**
 * Returns the settings in force.
 *
 * @throws CommandError `usage` when a variable has a wrong value
 */
export function configurationOf({ given, environment, file }: Sources): Configuration {
  return new Map(
    Object.entries(settingTable).map(([name, { environment: variable }]) => {
      const option = given.get(name);
      if (option !== undefined) return [name, inForce(name, option, { from: 'option', where: `--${name}` })];
      const set = variable === undefined ? undefined : environment[variable] || undefined;
      if (set !== undefined) return [name, inForce(name, set, { from: 'environment', where: variable ?? null })];
      const entry = file?.entries.get(name);
      if (file !== null && entry !== undefined) {
        return [name, inForce(name, entry.text, { from: 'file', where: `${file.path}:${entry.line}` })];
      }
      return [name, inForce(name, defaultOf(name), { from: 'default', where: null })];
    }),
  );
}

function inForce(name: string, text: string | null, origin: Origin): SettingInForce {
  const value = text === null ? undefined : readValue(name, text);
  if (text !== null && value === undefined) {
    throw new CommandError('usage', `${origin.where} takes ${takesOf(name)}, not ${JSON.stringify(text)}.`);
  }
  return { text, value, ...origin };
}

/** Returns the values by the names of the settings. */
export const valuesOf = (configuration: Configuration): StartValues & Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...configuration].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
  ) as unknown as StartValues & Readonly<Record<string, unknown>>;

/** A setting that another configuration has otherwise. The texts are null where there is no value. */
export interface SettingChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a reload has done. */
export interface Reloaded {
  /** The configuration file; null when there is none. */
  readonly file: string | null;
  /** What counts from now on. */
  readonly changed: readonly SettingChange[];
  /** What counts after a restart. */
  readonly restart: readonly SettingChange[];
}

/** Returns a change in one line: `name old -> new`. */
export const changeText = ({ name, before, after }: SettingChange): string =>
  `${name} ${before ?? 'not set'} -> ${after ?? 'not set'}`;

/** Returns the settings whose values differ, by whether a change counts at once or only after a restart. */
export function changesOf(before: Configuration, after: Configuration): Omit<Reloaded, 'file'> {
  const changes = [...after].flatMap(([name, { text, value }]) => {
    const old = before.get(name);
    return old?.value === value ? [] : [{ name, before: old?.text ?? null, after: text }];
  });
  const needsRestart = ({ name }: SettingChange): boolean => settingTable[name]?.needsRestart === true;
  return { changed: changes.filter((each) => !needsRestart(each)), restart: changes.filter(needsRestart) };
}

/** Returns the settings with which a server would start, which has no options on its command line. */
export const configurationWithoutOptions = async (
  place: ConfigPlace,
  environment: Environment,
): Promise<Configuration> => configurationOf({ given: new Map(), environment, file: await readConfig(place) });

/** Returns the configuration of a running server after a change: settings that need a restart stay as they were. */
export const liveConfiguration = (before: Configuration, after: Configuration): Configuration =>
  new Map(
    [...after].map(([name, setting]) => [
      name,
      settingTable[name]?.needsRestart === true ? (before.get(name) ?? setting) : setting,
    ]),
  );
