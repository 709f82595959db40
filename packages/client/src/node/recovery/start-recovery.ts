/** Gives a profile a recovery phrase. */
import { readFile } from 'node:fs/promises';
import { toBase64url } from '@chat/protocol';
import { exportPlainPrivateKey } from '@chat/signatures';
import { locked, type ProfileSummary } from '../profile-files.ts';
import { openFiles } from '../profile-key.ts';
import { profilePaths } from '../profile-paths.ts';
import { systemScheduler } from '../scheduler.ts';
import { entropyOf, recoveryKeysOf } from './phrase.ts';

/**
 * Stores the keys of a recovery phrase in a profile, in place of those before. With the next backup the client registers the phrase at the
 * server, and the one before opens nothing any more.
 *
 * @param phrase asked for when the profile is open, so that a wrong password is found before a phrase is shown
 * @throws ClientError `not-a-phrase`, `wrong-password`, `profile-in-use`, `profile-damaged`, `profile-outdated`; and what `phrase` throws
 */
export function startRecovery(profile: ProfileSummary, password: string, phrase: () => Promise<string>): Promise<void> {
  const { directory, serverId } = profile;
  return locked(directory, async (lock) => {
    const { stored, vault } = await openFiles(profile, password);
    const pem = await readFile(profilePaths(directory).identity, 'utf8');
    const { backupKey, signer } = recoveryKeysOf(entropyOf(await phrase()), serverId);
    const recovery = {
      key: backupKey,
      publicKey: toBase64url(signer.publicKey),
      identity: toBase64url(exportPlainPrivateKey(pem, password, 'der')),
      madeAt: systemScheduler.now(),
      latest: null,
    };
    await vault.save({ ...stored, recovery });
    await vault.close();
    lock.release();
  });
}
