/** Makes a profile from the backup that a recovery phrase opens. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectorySynced, writeAtomically } from '@chat/durable-files';
import { fromBase64url, type RequestOf, type ResultOf, sha256Hex, toBase64url, type UserName } from '@chat/protocol';
import { encryptPrivateKey, importPlainPrivateKey, unlockKeyFile } from '@chat/signatures';
import { openRecovery, renewCertificate } from '../../connection/enrolment.ts';
import { loginOnce } from '../../connection/login-once.ts';
import { ServerAuthority } from '../../connection/server-authority.ts';
import { ClientError } from '../../errors.ts';
import { type BackupPlace, fetchFile, fetchState } from '../../recovery/backup-download.ts';
import { type BackupHead, type BackupIndex, openHead } from '../../recovery/backup-format.ts';
import type { RecoveryOperation } from '../../recovery/backup-upload.ts';
import type { StoredRecovery } from '../../storage/stored-recovery.ts';
import type { Stored } from '../../storage/stored-state.ts';
import { type Authority, authorityTools } from '../authority.ts';
import { writeChain } from '../authority-file.ts';
import { makePrivateDirectory, type ProfileSummary, readProfile, writeProfile } from '../profile-files.ts';
import { profileDirectory, profilePaths } from '../profile-paths.ts';
import { systemScheduler } from '../scheduler.ts';
import { createSealedFile } from '../sealed-file.ts';
import type { Endpoint } from '../tls-link.ts';
import { createTlsTransport } from '../tls-transport.ts';
import { createStaging, removeTransient } from '../whole-profile/home.ts';
import { settle } from '../whole-profile/import.ts';
import { createBackupCipher } from './backup-support.ts';
import { entropyOf, type RecoveryKeys, recoveryKeysOf } from './phrase.ts';

/** What `recoverProfile` needs. */
export interface RecoverOptions {
  /** The directory of all profiles. */
  readonly home: string;
  /** The server's enrolment port. */
  readonly address: Endpoint;
  /** The result of `fetchAuthority`, confirmed by the user or by an invitation line. */
  readonly authority: Authority;
  readonly user: UserName;
  readonly phrase: string;
  /** The password that the profile gets. */
  readonly password: string;
}

/** A profile that was made from a backup. Its identity key is the one of the lost device. */
export interface Recovered {
  readonly profile: ProfileSummary;
  /** Number of the backup, and when it was made, by the clock of the lost device. */
  readonly number: number;
  readonly at: number;
  /** The files of messages that the backup does not have, because the server keeps no more, and their bytes. */
  readonly left: BackupIndex['left'];
}

interface Opened {
  readonly head: BackupHead;
  readonly hash: string;
  readonly stored: Stored;
  readonly index: BackupIndex;
  readonly place: BackupPlace;
}

/** Writes a file of messages. What the server sends of it is checked chunk by chunk. */
async function writeContent(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of content) await file.writeFile(piece);
  await file.sync();
}

/** Writes the profile into a folder. */
async function writeAll(
  directory: string,
  { address, authority, user, password }: RecoverOptions,
  { opened, recovery }: { readonly opened: Opened; readonly recovery: StoredRecovery },
): Promise<void> {
  const paths = profilePaths(directory);
  const pem = encryptPrivateKey(fromBase64url(opened.head.identity), password);
  await writeAtomically(paths.identity, pem);
  await writeAtomically(paths.authority, authority.chain.first);
  if (authority.chain.successions.length > 0) await writeChain(directory, authority.chain);
  if (opened.index.files.length > 0) await makeDirectorySynced(paths.messages);
  for (const file of opened.index.files)
    await writeContent(join(paths.messages, file.file), fetchFile(opened.place, file));
  const { secret } = await unlockKeyFile(pem, password);
  await createSealedFile(paths.state, secret, { ...opened.stored, recovery });
  const { host, port } = address;
  await writeProfile(directory, { v: 1, user, host, port, authority: authority.serverId, enrolled: true });
}

const damagedHead = (): ClientError =>
  new ClientError(
    'backup-damaged',
    'The server has altered the backup, or has shown another one: nothing was restored. Ask the operator of the server.',
  );

/** Opens the head of the backup, and logs in with the identity key that it has, as a client without a profile. */
async function openBackup<T>(
  { address, authority, user }: RecoverOptions,
  { backupKey, signer }: RecoveryKeys,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { chain, serverId } = authority;
  const known = new ServerAuthority({ chain, tools: authorityTools, now: systemScheduler.now, save: async () => {} });
  const at = { transport: createTlsTransport(address, known), scheduler: systemScheduler };
  const { number, manifest } = await openRecovery(at, { user, signer });
  const cipher = createBackupCipher(backupKey);
  const head = openHead(cipher, manifest, { serverId, user, number });
  if (head === null) throw damagedHead();
  const identity = { user, signer: importPlainPrivateKey(fromBase64url(head.identity)) };
  const certified = await renewCertificate(at, identity);
  const connection = await loginOnce(at, identity, certified);
  try {
    const request = <O extends RecoveryOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>> =>
      connection.request(operation, fields);
    const place = { request, scheduler: systemScheduler, cipher };
    return await work({ head, hash: sha256Hex(manifest), place, ...(await fetchState(place, head)) });
  } finally {
    connection.close();
  }
}

/**
 * Makes a profile from the backup of a user. It appears in `home` in one step, after all of the backup was checked.
 *
 * @throws ClientError `not-a-phrase`, `already-here`, `backup-damaged`, `unreachable`, `wrong-authority`
 * @throws ProtocolError the server's refusal: `recovery-refused`, `no-recovery`, `access-revoked`, `limit-reached`; `key-renewed` if another key
 *   than the backup's is registered
 */
export async function recoverProfile(options: RecoverOptions): Promise<Recovered> {
  const { home, authority, user, address } = options;
  const { serverId } = authority;
  const keys = recoveryKeysOf(entropyOf(options.phrase), serverId);
  await makePrivateDirectory(home);
  const target = profileDirectory(home, user, serverId);
  if ((await readProfile(target))?.enrolled === true) {
    throw new ClientError(
      'already-here',
      `This machine has a profile of ${user} already, in ${target}, and it was left as it is: if you have forgotten its password, erase it with "chat logout" first.`,
    );
  }
  const { directory, lock } = await createStaging(home);
  try {
    return await openBackup(options, keys, async (opened) => {
      const { number, at, identity, madeAt } = opened.head;
      const { left } = opened.index;
      const latest = { number, at, bytes: 0, left, hash: opened.hash, mark: '' };
      const publicKey = toBase64url(keys.signer.publicKey);
      await writeAll(directory, options, {
        opened,
        recovery: { key: keys.backupKey, publicKey, identity, madeAt, latest },
      });
      const pinned = authority.fingerprint;
      const profile = await settle(home, { user, ...address, serverId, pinned, directory });
      return { profile, number, at, left };
    });
  } catch (error) {
    await removeTransient(directory).catch(() => undefined);
    throw error;
  } finally {
    lock.release();
  }
}
