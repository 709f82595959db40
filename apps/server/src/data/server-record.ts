/**
 * `server.json`: what `invite` must know of the server. It is written once the server listens. So it also records that the
 * first start is complete: from then on neither the CA nor the store may be missing.
 */
import { readIfThere, writeAtomically } from '@chat/durable-files';
import { z } from 'zod';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { DataDirectory } from './data-directory.ts';

const schema = z.object({
  version: z.literal(1),
  publicHost: z.string().min(1),
  enrolmentPort: z.int().min(1).max(65_535),
  policy: z.enum(['open', 'invite', 'closed']),
  caFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});
/** The content of `server.json`. */
export type ServerRecord = z.infer<typeof schema>;

/**
 * Returns the record; null before the first start.
 *
 * @throws CommandError `file-access`, `damaged-data`, `data-too-new`
 */
export async function readRecord({ record: path }: DataDirectory): Promise<ServerRecord | null> {
  const text = await readIfThere(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  if (text === null) return null;
  try {
    const record = JSON.parse(text);
    if (versionOf(record) > 1) throw newerVersion(path);
    return schema.parse(record);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('damaged-data', `${path} is damaged: restore it from a backup.`, { cause: error });
  }
}

const versionOf = (record: unknown): number => z.looseObject({ version: z.int() }).safeParse(record).data?.version ?? 0;

const newerVersion = (path: string): CommandError =>
  new CommandError('data-too-new', `A newer version of this program wrote ${path}: use that version.`);

/**
 * Returns the record of a server that has been started before.
 *
 * @throws CommandError `not-started`, `file-access`, `damaged-data`, `data-too-new`
 */
export async function requireRecord(directory: DataDirectory): Promise<ServerRecord> {
  const record = await readRecord(directory);
  if (record !== null) return record;
  throw new CommandError(
    'not-started',
    `No server was ever started in ${directory.path}: start one, or name its directory with --data.`,
  );
}

/** Writes `server.json` atomically. */
export const writeRecord = (directory: DataDirectory, record: ServerRecord): Promise<void> =>
  writeAtomically(directory.record, `${JSON.stringify(record, null, 2)}\n`);
