/** The number of files that the system lets a process open, and how many connections that allows. */
import { readFile } from 'node:fs/promises';
import type { ServerLimits } from '@chat/server-core';
import { CommandError } from '../command-error.ts';

/** For the database, the log, the files of the data directory, and what Node opens. */
const ownFiles = 64;
/** With fewer the server would serve fewer than a hundred users. */
const leastConnections = 100;

/** Returns the system's limit for this process; infinity when there is none. */
export function openFilesLimit(): number {
  const report: unknown = process.report?.getReport();
  const limits = (report as { userLimits?: { open_files?: { soft?: unknown } } } | undefined)?.userLimits;
  const soft = limits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

/** Returns the system's limit for another process; null where the system does not show it. */
export async function openFilesLimitOf(pid: number): Promise<number | null> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Returns the number of files that are not for users who have logged in. */
const reservedFor = ({ waitingConnections, enrolmentConnections }: ServerLimits): number =>
  ownFiles + waitingConnections + 2 * enrolmentConnections;

/** Returns the number of files without which a server with these limits does not start. */
export const fewestFiles = (limits: ServerLimits): number =>
  reservedFor(limits) + Math.min(leastConnections, limits.connections);

/**
 * Returns how many users' connections leave a file for everything else. The server refuses more of them with a reason, so that
 * it never lacks a file for a connection, which it could not even refuse.
 *
 * @throws CommandError `too-few-files`
 */
export function connectionsWithin(openFiles: number, limits: ServerLimits): number {
  const fewest = fewestFiles(limits);
  if (openFiles >= fewest) return Math.min(limits.connections, openFiles - reservedFor(limits));
  throw new CommandError(
    'too-few-files',
    `The system lets this server open ${openFiles} files, and it needs ${fewest}: raise the limit, with "ulimit -n 4096" or LimitNOFILE= of systemd.`,
  );
}
