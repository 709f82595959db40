/** `usage.json`: what the server stored on each of the last days, and how large its files were, so that no command counts it. */
import { join } from 'node:path';
import { readIfThere, writeAtomically } from '@chat/durable-files';
import { z } from 'zod';
import type { DataDirectory } from '../data/data-directory.ts';

const count = z.int().min(0);
const amount = z.object({ messages: count, bytes: count });
const day = z.object({
  /** Of UTC, such as 2030-06-01. */
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  /** What was stored on this day. */
  added: amount,
  /** The size of the store's files when the day was last written, in bytes. */
  fileBytes: count,
});
const schema = z.object({
  version: z.literal(1),
  /** All that is stored: messages with the bytes of their payloads. */
  stored: z.object({ rooms: count, ...amount.shape }),
  days: z.array(day),
});
/** The content of `usage.json`. */
export type UsageRecord = z.infer<typeof schema>;
/** A number of messages, and the bytes of their payloads. */
export type Amount = z.infer<typeof amount>;

const dayMs = 24 * 60 * 60 * 1_000;
/** Days that are remembered. */
const maxDays = 31;
/** The days over which the growth is measured. */
const growthDays = 7;

const pathOf = ({ path }: DataDirectory): string => join(path, 'usage.json');

/** Returns the day of a time. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Returns the record; null when there is none that can be read, because nothing depends on it. */
export async function readUsage(directory: DataDirectory): Promise<UsageRecord | null> {
  try {
    return schema.parse(JSON.parse((await readIfThere(pathOf(directory))) ?? ''));
  } catch {
    return null;
  }
}

/** Writes the record. */
export const writeUsage = (directory: DataDirectory, usage: UsageRecord): Promise<void> =>
  writeAtomically(pathOf(directory), `${JSON.stringify(usage)}\n`);

/** Returns the days with this one as the latest. */
export const withDay = (days: UsageRecord['days'], latest: UsageRecord['days'][number]): UsageRecord['days'] =>
  [...days.filter((each) => each.day < latest.day), latest].slice(-maxDays);

/** Returns by how many bytes the files have grown in a day, over the last week; null when no earlier day is known. */
export function growthOf(days: UsageRecord['days']): number | null {
  const latest = days.at(-1);
  if (latest === undefined) return null;
  const since = dayOf(Date.parse(latest.day) - growthDays * dayMs);
  const first = days.find((each) => each.day >= since);
  if (first === undefined || first === latest) return null;
  const between = (Date.parse(latest.day) - Date.parse(first.day)) / dayMs;
  return Math.max(0, Math.round((latest.fileBytes - first.fileBytes) / between));
}
