/** The limits of the server as settings: each bound of `server-core` under its own name, with its unit. */
import { type Limit, type LimitName, limitGroups, type ServerLimits } from '@chat/server-core';
import { numberIn, sizeIn, sizeText, timeIn, timeText } from './amounts.ts';
import type { Setting, SettingTable } from './setting.ts';

/** Limits that settings of other names set: 0 is no bound there. */
const namedOtherwise: ReadonlySet<string> = new Set<LimitName>(['messageBytesPerRoom', 'messageBytes']);

const titles: { readonly [Group in keyof typeof limitGroups]: string } = {
  connections: 'Limits of connections',
  requests: 'Limits of requests',
  rooms: 'Limits in rooms',
  storage: 'Limits of storage',
};

/** Returns the name of the setting of a limit: `idle-timeout` of `idleTimeoutMs`. */
const settingNameOf = (limit: string): string =>
  limit.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const kinds = {
  time: { value: 'TIME', schema: timeIn, text: timeText, name: 'a time' },
  size: { value: 'SIZE', schema: sizeIn, text: sizeText, name: 'a size' },
  number: { value: 'N', schema: numberIn, text: String, name: 'a whole number' },
} as const;

/** Returns what a limit counts, which its name says. */
const kindOf = (limit: string) => kinds[limit.endsWith('Ms') ? 'time' : /byte/i.test(limit) ? 'size' : 'number'];

function settingOf(limit: string, { standard, range, help }: Limit, section: string): readonly [string, Setting] {
  const { value, schema, text, name } = kindOf(limit);
  const [least, most] = range;
  const setting = settingNameOf(limit);
  return [
    setting,
    {
      value,
      takes: `${name} from ${text(least)} to ${text(most)}${text === String ? '' : `, such as ${text(standard)}`}`,
      schema: schema(range),
      fallback: text(standard),
      environment: `CHAT_${setting.replaceAll('-', '_').toUpperCase()}`,
      help,
      section,
      topic: section,
    },
  ];
}

const rows = Object.entries(limitGroups).flatMap(([group, limits]) =>
  Object.entries<Limit>(limits)
    .filter(([limit]) => !namedOtherwise.has(limit))
    .map(([limit, row]) => ({ limit, setting: settingOf(limit, row, titles[group as keyof typeof limitGroups]) })),
);

/** The settings of the limits. */
export const limitOptions: SettingTable = Object.fromEntries(rows.map(({ setting }) => setting));

/** Returns the limits from the values of their settings. */
export const limitsOf = (values: Readonly<Record<string, unknown>>): Partial<ServerLimits> =>
  Object.fromEntries(rows.map(({ limit, setting: [name] }) => [limit, values[name]]));
