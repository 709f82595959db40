/** Checks what daily backups need before the settings for them count. */
import { mkdir } from 'node:fs/promises';
import { fileAccessError } from '../command-error.ts';
import { readBackupPassword } from '../configuration/password-file.ts';
import type { Settings } from '../configuration/settings.ts';

/**
 * Creates the folder for the backups, and reads their password once: what would make all of them fail refuses the settings.
 *
 * @throws CommandError `file-access`, `backup-password`
 */
export async function prepareBackups(backups: Settings['backups']): Promise<void> {
  if (backups === null) return;
  await readBackupPassword(backups.passwordFile ?? undefined);
  await mkdir(backups.folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileAccessError('create the directory for backups', backups.folder, error);
  });
}
