/** Every bound that a server keeps: its default, what an operator may choose instead, and what the server does beyond it. */
import { connectionLimits } from './connection-limits.ts';
import type { Limit } from './limit.ts';
import { requestLimits } from './request-limits.ts';
import { roomLimits } from './room-limits.ts';
import { storageLimits } from './storage-limits.ts';

/** The bounds of a server by what they concern. */
export const limitGroups = {
  connections: connectionLimits,
  requests: requestLimits,
  rooms: roomLimits,
  storage: storageLimits,
} as const;

type Groups = typeof limitGroups;

/** The name of a bound. */
export type LimitName = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];

/** Bounds of a server, by their names. */
export type ServerLimits = { readonly [Name in LimitName]: number };

const rows: readonly (readonly [string, Limit])[] = Object.values(limitGroups).flatMap((group) =>
  Object.entries<Limit>(group),
);

/** The default of each bound. */
export const defaultLimits = Object.fromEntries(rows.map(([name, { standard }]) => [name, standard])) as ServerLimits;
