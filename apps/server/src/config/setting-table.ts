/** All settings of a server. Options, environment, configuration file, help, manual page, documentation and example come from this table. */
import { limitOptions } from './limit-options.ts';
import type { SettingTable } from './setting.ts';
import { startOptions } from './start-options.ts';

/** The settings by their names, in the order in which they are listed. */
export const settingTable: SettingTable = { ...startOptions, ...limitOptions };

/** Returns what a setting may be; completes "takes ...". */
export function takesOf(name: string): string {
  const setting = settingTable[name];
  return setting === undefined || setting.value === null ? 'true or false' : setting.takes;
}

/** Returns the text of a setting's default; null when it has none, or one that depends on other settings. */
export function defaultOf(name: string): string | null {
  const setting = settingTable[name];
  if (setting === undefined) return null;
  return setting.value === null ? String(setting.fallback ?? false) : (setting.fallback ?? null);
}

/** Returns the value of a text for a setting; undefined when the setting does not take it. */
export function readValue(name: string, text: string): unknown {
  const setting = settingTable[name];
  if (setting === undefined) return undefined;
  if (setting.value !== null) return setting.schema.safeParse(text).data;
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}
