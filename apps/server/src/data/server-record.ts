/**
 * `server.json`: what `invite` must know while the server runs. It is written once the server listens, so it also says
 * that the first start came to its end: from then on neither the CA nor the store may be missing.
 */

import { readIfThere, writeAtomically } from '@chat/durable-files';
import { z } from 'zod';
import { Complaint, cannot } from '../command-error.ts';
import type { DataDirectory } from './data-directory.ts';

const schema = z.object({
  version: z.literal(1),
  publicHost: z.string().min(1),
  enrolmentPort: z.int().min(1).max(65_535),
  policy: z.enum(['open', 'invite', 'closed']),
  caFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ServerRecord = z.infer<typeof schema>;

/** Null before the first start. Throws `Complaint`. */
export async function readRecord({ record: path }: DataDirectory): Promise<ServerRecord | null> {
  const text = await readIfThere(path).catch((error: unknown) => {
    throw cannot('read', path, error);
  });
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Complaint(`${path} is damaged: restore it from a backup.`, { cause: error });
  }
}

/** The same, of a server that has been started before. Throws `Complaint`. */
export async function requireRecord(directory: DataDirectory): Promise<ServerRecord> {
  const record = await readRecord(directory);
  if (record !== null) return record;
  throw new Complaint(`No server has been started in ${directory.path} yet: start it once, or name its --data.`);
}

export const writeRecord = (directory: DataDirectory, record: ServerRecord): Promise<void> =>
  writeAtomically(directory.record, `${JSON.stringify(record, null, 2)}\n`);
