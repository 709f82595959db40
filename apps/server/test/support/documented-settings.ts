/** The rows of docs/configuration.md as the table of settings has them. */
import { defaultOf, settingTable, takesOf } from '../../src/config/setting-table.ts';

/** Returns the rows by topic: name, variable, what the setting takes, default, when a change counts, and help. */
export function documentedSettings(): { readonly heading: string; readonly rows: readonly (readonly string[])[] }[] {
  const all = Object.entries(settingTable);
  return [...new Set(all.map(([, { topic }]) => topic))].map((heading) => ({
    heading,
    rows: all
      .filter(([, { topic }]) => topic === heading)
      .map(([name, { environment = '', needsRestart = false, help }]) => {
        const text = defaultOf(name);
        return [
          `\`${name}\``,
          `\`${environment}\``,
          takesOf(name),
          text === null ? '-' : `\`${text}\``,
          needsRestart ? 'restart' : 'reload',
          help,
        ];
      }),
  }));
}
