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

/** Something that the operator has to do. */
export interface Warning {
  readonly about: 'server' | 'disk' | 'CA' | 'backup' | 'store' | 'load';
  /** A sentence that says what to do. */
  readonly text: string;
  /** The words of the command of this program that does it, or shows what to do. */
  readonly command: string;
}

/** Returns what the operator has to do. */
export function warningsOf({ serving: now, disk, authority, backup }: StatusReport, at: number): readonly Warning[] {
  const warnings: Warning[] = [];
  const warn = (about: Warning['about'], text: string, command: string) => warnings.push({ about, text, command });
  if (now === null) warn('server', 'No server runs: start it.', 'start');
  if (disk.freeBytes < disk.reserveBytes) {
    warn(
      'disk',
      `The disk is full up to the reserve of ${bytesText(disk.reserveBytes)}: no messages are stored, free some space.`,
      'rooms',
    );
  } else if (disk.growthBytesPerDay !== null && disk.growthBytesPerDay > 0) {
    const days = Math.floor((disk.freeBytes - disk.reserveBytes) / disk.growthBytesPerDay);
    if (days < fullSoonDays) {
      const text = `The disk is full in about ${days} days: free some space, or set how long messages are kept.`;
      warn('disk', text, 'rooms');
    }
  }
  if (authority.endsSoon !== null) warn('CA', authority.endsSoon, 'authority announce');
  if (backup.failure !== null) {
    const when = new Date(backup.failure.at).toISOString();
    warn('backup', `The backup of ${when} failed: ${backup.failure.reason}`, 'backup FILE');
  }
  const since = at - (backup.last?.at ?? authority.since);
  if (since > (now?.backsUp === true ? oldBackupMs.byItself : oldBackupMs.byHand)) {
    warn(
      'backup',
      `There is no backup of the last ${durationText(since)}: make one with "chat-server backup", or start with --backup-dir.`,
      'backup FILE',
    );
  }
  if (now !== null && now.damaged > 0) {
    warn('store', 'Stored rows are damaged: run "chat-server check", which lists them.', 'check');
  }
  if (now !== null && now.loopDelay.p99Ms > slowLoopMs) {
    warn(
      'load',
      'The server is slow: it has more to do than its processor can, or other programs take the time.',
      'status',
    );
  }
  return warnings;
}
