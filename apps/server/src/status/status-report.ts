/** What `chat-server status` reports, and which of it the operator has to do something about. */
import { z } from 'zod';
import { bytesText, durationText } from '../config/amounts.ts';

const count = z.int().min(0);
const time = z.int().min(0);

/** What only a running server knows. */
const serving = z.strictObject({
  version: z.string(),
  startedAt: time,
  /** Connections of users who have logged in. */
  connections: count,
  /** Entries that wait for the disk. */
  waiting: count,
  loopDelay: z.strictObject({ p99Ms: count, maxMs: count }),
  /** Damaged rows that were met since the start. */
  damaged: count,
  /** End of the server's certificate, which it renews by itself. */
  certificateEndsAt: time,
  /** Whether the server makes backups by itself. */
  backsUp: z.boolean(),
});

/** Schema of a report. */
export const statusReport = z.strictObject({
  /** Null while no server runs. */
  serving: serving.nullable(),
  /** Null when no server has counted yet. */
  stored: z.strictObject({ rooms: count, messages: count, bytes: count }).nullable(),
  /** What was stored since midnight, UTC. */
  today: z.strictObject({ messages: count, bytes: count }).nullable(),
  disk: z.strictObject({
    freeBytes: count,
    /** Below it the server stores no messages. */
    reserveBytes: count,
    /** Size of the store's files. */
    fileBytes: count,
    /** By how much they have grown in a day; null when that is not known yet. */
    growthBytesPerDay: count.nullable(),
  }),
  authority: z.strictObject({
    since: time,
    endsAt: time,
    /** When the announced CA follows; null when none is announced. */
    nextFrom: time.nullable(),
    /** What the operator is to do about its end; null while there is time. */
    endsSoon: z.string().nullable(),
  }),
  backup: z.strictObject({
    last: z.strictObject({ at: time, file: z.string(), bytes: count, encrypted: z.boolean() }).nullable(),
    /** The last attempt, if it failed. */
    failure: z.strictObject({ at: time, reason: z.string() }).nullable(),
  }),
});
/** A report. Times are in milliseconds. */
export type StatusReport = z.infer<typeof statusReport>;

const dayMs = 24 * 60 * 60 * 1_000;
/** The age from which on a backup counts as old: of a server that makes one each day, and of another one. */
const oldBackupMs = { byItself: 2 * dayMs, byHand: 30 * dayMs } as const;
/** The disk is full in less than this time if the store grows on as it does. */
const fullSoonDays = 14;
/** A delay that users notice. */
const slowLoopMs = 1_000;

/** Returns what the operator has to do: a sentence for each. */
export function warningsOf({ serving: now, disk, authority, backup }: StatusReport, at: number): readonly string[] {
  const warnings: string[] = [];
  if (now === null) warnings.push('No server runs: start it.');
  if (disk.freeBytes < disk.reserveBytes) {
    warnings.push(
      `The disk is full up to the reserve of ${bytesText(disk.reserveBytes)}: no messages are stored, free some space.`,
    );
  } else if (disk.growthBytesPerDay !== null && disk.growthBytesPerDay > 0) {
    const days = Math.floor((disk.freeBytes - disk.reserveBytes) / disk.growthBytesPerDay);
    if (days < fullSoonDays) {
      warnings.push(`The disk is full in about ${days} days: free some space, or set how long messages are kept.`);
    }
  }
  if (authority.endsSoon !== null) warnings.push(authority.endsSoon);
  if (backup.failure !== null) {
    warnings.push(`The backup of ${new Date(backup.failure.at).toISOString()} failed: ${backup.failure.reason}`);
  }
  const since = at - (backup.last?.at ?? authority.since);
  if (since > (now?.backsUp === true ? oldBackupMs.byItself : oldBackupMs.byHand)) {
    warnings.push(
      `There is no backup of the last ${durationText(since)}: make one with "chat-server backup", or start with --backup-dir.`,
    );
  }
  if (now !== null && now.damaged > 0) {
    warnings.push('Stored rows are damaged: run "chat-server check", which lists them.');
  }
  if (now !== null && now.loopDelay.p99Ms > slowLoopMs) {
    warnings.push('The server is slow: it has more to do than its processor can, or other programs take the time.');
  }
  return warnings;
}
