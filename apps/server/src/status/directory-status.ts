/** The parts of a status report that stand in the data directory, for a server that runs and for one that does not. */
import { statfs } from 'node:fs/promises';
import { copyBytes } from '@chat/store-sqlite';
import { readBackupRecord } from '../backup/backup-record.ts';
import { fileAccessError } from '../command-error.ts';
import { endOfAuthority, readCertificateFile } from '../data/authority.ts';
import { pendingLink, readChain } from '../data/authority-chain.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import type { StatusReport } from './status-report.ts';
import { dayOf, growthOf, readUsage, type UsageRecord } from './usage.ts';

/** The sums of days of a running server, which are newer than those of the file. */
export interface LiveUsage {
  readonly stored: UsageRecord['stored'];
  readonly days: UsageRecord['days'];
}

/** Options of `directoryStatus`. */
export interface DirectoryStatusOptions {
  /** Milliseconds. */
  readonly now: number;
  /** Null while no server runs. */
  readonly live: LiveUsage | null;
  /** Free space below which the server stores no messages. */
  readonly reserveBytes: number;
}

/**
 * Reads them.
 *
 * @throws CommandError `file-access`, `damaged-data`
 */
export async function directoryStatus(
  directory: DataDirectory,
  { now, live, reserveBytes }: DirectoryStatusOptions,
): Promise<Omit<StatusReport, 'serving'>> {
  const usage = live ?? (await readUsage(directory));
  const { bavail, bsize } = await statfs(directory.path).catch((error: unknown) => {
    throw fileAccessError('read', directory.path, error);
  });
  const present = await readCertificateFile(directory.authorityCertificate);
  const chain = await readChain(directory, present.pem);
  const { last, failure } = await readBackupRecord(directory);
  return {
    stored: usage?.stored ?? null,
    today:
      usage === null ? null : (usage.days.find(({ day }) => day === dayOf(now))?.added ?? { messages: 0, bytes: 0 }),
    disk: {
      freeBytes: bavail * bsize,
      reserveBytes,
      fileBytes: copyBytes(directory.store),
      growthBytesPerDay: growthOf(usage?.days ?? []),
    },
    authority: {
      since: present.notBefore.getTime(),
      endsAt: present.notAfter.getTime(),
      nextFrom: pendingLink(chain, present.pem)?.succession.from ?? null,
      endsSoon: endOfAuthority(present.pem, now),
    },
    backup: { last, failure },
  };
}
