/** `chat-server backup FILE`: makes a backup, beside a running server and without one. */
import { resolve } from 'node:path';
import { type BackupRecord, recordBackup, recordFailure } from '../backup/backup-record.ts';
import { makeBackup } from '../backup/make-backup.ts';
import { asCommandError } from '../command-error.ts';
import { bytesText } from '../config/amounts.ts';
import type { RequestFor } from '../config/command-line.ts';
import { findCaPassword, readBackupPassword } from '../configuration/password-file.ts';
import { dataDirectory } from '../data/data-directory.ts';
import { blobUsage, notInBackup } from '../data/examine-blobs.ts';
import { requireRecord } from '../data/server-record.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Makes a backup, and prints what is in it.
 *
 * @throws CommandError `not-started`, `file-exists`, `file-access`, `no-space`, `backup-in-progress`, `backup-password`, `ca-password`,
 *   `damaged-data`; StoreError
 */
export async function backup(request: RequestFor<'backup'>, { environment, print }: RunContext): Promise<void> {
  const directory = dataDirectory(request.data, environment);
  await requireRecord(directory);
  const file = resolve(request.file);
  try {
    const password = await readBackupPassword(request['password-file']);
    const order = {
      directory,
      file,
      password,
      caPassword: await findCaPassword(directory.path, request.config, environment),
      clock: Date.now,
    };
    const { contents, bytes, isKeyChecked } = await makeBackup(order);
    const { madeAt: at, rooms, entries, accounts } = contents;
    const last: NonNullable<BackupRecord['last']> = { at, file, bytes, encrypted: password !== null };
    await recordBackup(directory, last);
    const files = await blobUsage(directory);
    const missing = notInBackup(files, directory.blobs);
    if (request.json)
      print(
        JSON.stringify({
          ...last,
          at: iso(at),
          rooms,
          entries,
          accounts,
          keyChecked: isKeyChecked,
          filesNotIncluded: files.blobs,
        }),
      );
    else {
      print(
        [
          `Backup of ${iso(at)} in ${file}: rooms ${rooms}, entries ${entries}, accounts ${accounts}, ${bytesText(bytes)}. It was read back and checked.`,
          ...(isKeyChecked ? [] : [keyNotChecked]),
          ...(missing === null ? [] : [missing]),
          password === null
            ? inTheClear
            : 'It is encrypted. It cannot be restored without its password: keep that elsewhere.',
        ].join('\n'),
      );
    }
  } catch (error) {
    await recordFailure(directory, Date.now(), asCommandError(error).message);
    throw error;
  }
}

/** The sentence for a CA whose key is encrypted with a password that the command does not have. */
export const keyNotChecked =
  "The CA's key is encrypted, and was not compared with its certificate: set CHAT_CA_PASSWORD_FILE for that.";

const inTheClear =
  "It is not encrypted. It holds the CA's key: a person who reads it can pretend to be this server. --password-file encrypts it.";

const iso = (time: number): string => new Date(time).toISOString();
