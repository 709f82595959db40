/** Opens a profile as a client, and enrols a user with a new profile. */
import { rm } from 'node:fs/promises';
import { type FileLock, writeAtomically } from '@chat/durable-files';
import { openSegmentFolder } from '@chat/message-store/node';
import type { UserName } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { createKeyFile, type Signer, type UnlockedKeyFile } from '@chat/signatures';
import { ChatClient } from '../chat-client.ts';
import type { BegunRenewal } from '../client-options.ts';
import { enrolIdentity, findChatPort } from '../connection/enrolment.ts';
import type { ServerAuthority } from '../connection/server-authority.ts';
import type { EntryArchive } from '../entry-archive.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError } from '../errors.ts';
import { emptyStored, type Stored, type Vault } from '../storage/stored-state.ts';
import { openArchiveFolder } from './archive-folder.ts';
import type { Authority } from './authority.ts';
import { readChain, serverAuthority, writeChain } from './authority-file.ts';
import type { EarlyUnlock } from './early-unlock.ts';
import { TransferFolder } from './files/transfer-folder.ts';
import {
  locked,
  makePrivateDirectory,
  type ProfileFile,
  type ProfileSummary,
  readProfile,
  writeProfile,
} from './profile-files.ts';
import {
  confirmRenewal,
  type OpenFiles,
  openFiles,
  openIdentity,
  pendingRenewal,
  prepareRenewal,
  type RenewableProfile,
  readFiles,
  renewalLeft,
  storeRenewal,
} from './profile-key.ts';
import { profileDirectory, profilePaths } from './profile-paths.ts';
import { backupSupport } from './recovery/backup-support.ts';
import { systemScheduler } from './scheduler.ts';
import { createSealedFile } from './sealed-file.ts';
import type { Endpoint } from './tls-link.ts';
import { createTlsTransport } from './tls-transport.ts';
import { atPresentCost } from './whole-profile/password.ts';

/** What `enrol` needs. */
export interface Enrolment {
  /** The directory of all profiles. */
  readonly home: string;
  /** The server's enrolment port. */
  readonly address: Endpoint;
  /** The result of `fetchAuthority`, confirmed by the user or by an invitation line. */
  readonly authority: Authority;
  readonly user: UserName;
  readonly password: string;
  /** The token of an enrolment invitation. Default: none. */
  readonly invitation?: string;
}

/** Options of `openProfile`. */
export interface OpenProfileOptions {
  /** The token of an enrolment invitation, which is used only if the server has lost the user's account. Default: none. */
  readonly invitation?: string | undefined;
  /** The result of `beginUnlock`. Default: the key is opened now. */
  readonly early?: EarlyUnlock | null;
}

interface OpenProfile {
  readonly directory: string;
  readonly invitation?: string | undefined;
  readonly begunRenewal?: BegunRenewal | undefined;
  readonly user: UserName;
  readonly address: Endpoint;
  readonly authority: ServerAuthority;
  readonly signer: Signer;
  readonly vault: Vault;
  readonly archive: EntryArchive;
  readonly stored: Stored;
  readonly lock: FileLock;
}

const openArchive = (directory: string, key: Uint8Array): Promise<EntryArchive> =>
  openArchiveFolder({ directory: profilePaths(directory).archive, key, now: () => systemScheduler.now() });

function clientOf({
  directory,
  user,
  address,
  authority,
  signer,
  vault,
  archive,
  stored,
  lock,
  ...others
}: OpenProfile): ChatClient {
  return new ChatClient({
    user,
    signer,
    crypto: createRoomCrypto(),
    scheduler: systemScheduler,
    transport: createTlsTransport(address, authority),
    authority,
    vault: {
      save: (newest) => vault.save(newest),
      close: async () => {
        await archive.close();
        await vault.close();
        lock.release();
      },
    },
    archive,
    segments: openSegmentFolder(profilePaths(directory).messages),
    transferFiles: new TransferFolder(profilePaths(directory).transfers),
    backups: backupSupport(directory),
    stored,
    ...others,
  });
}

/**
 * Opens a profile as a client, which is not connected yet. Closing the client releases the profile.
 *
 * @throws ClientError `wrong-password`, `profile-in-use`, `profile-damaged`, `profile-outdated`
 */
export function openProfile(
  profile: ProfileSummary,
  password: string,
  options: OpenProfileOptions = {},
): Promise<ChatClient> {
  return locked(profile.directory, (lock) => openLocked(profile, password, lock, options));
}

/** Opens a profile like `openProfile`, under its lock, which the client releases when it is closed. */
export async function openLocked(
  profile: ProfileSummary,
  password: string,
  lock: FileLock,
  { invitation, early = null }: OpenProfileOptions,
): Promise<ChatClient> {
  const opened = await openFiles(profile, password, early);
  const next = await pendingRenewal(profile.directory, password);
  const current = () => atPresentCost(profile, opened, password);
  if (next === null) {
    const begunRenewal = opened.wasCutOff ? 'finished' : undefined;
    return clientWith(profile, await current(), { lock, invitation, begunRenewal });
  }
  const context = renewable(profile, opened);
  const confirmed = await confirmRenewal(context, next).catch(() => null);
  if (confirmed === null) {
    // The profile goes on with the key that it has. Without an answer of the server the next start tries again.
    const begunRenewal = await renewalLeft(profile.directory);
    return clientWith(profile, await current(), { lock, invitation, begunRenewal });
  }
  await storeRenewal(context, confirmed);
  return clientWith(profile, await openFiles(profile, password), { lock, invitation, begunRenewal: 'finished' });
}

/**
 * Renews the identity key of a profile, and opens it with the new one. After any error but those of the first line, the next opening asks
 * the server again, because the outcome is unknown or the server may agree later.
 *
 * @throws ProtocolError the server's final refusal, `access-revoked`, `login-refused`, `key-renewed`: the key stays as it is
 * @throws ProtocolError another refusal, as `limit-reached`
 * @throws ClientError `wrong-password`, `profile-in-use`, `unreachable`, `wrong-authority`, `timed-out`
 */
export function renewIdentity(profile: ProfileSummary, password: string): Promise<ChatClient> {
  const { directory } = profile;
  return locked(directory, async (lock) => {
    const opened = await openFiles(profile, password);
    await prepareRenewal(directory, password);
    const next = await pendingRenewal(directory, password);
    if (next === null) {
      throw new ClientError(
        'profile-damaged',
        `The file ${profilePaths(directory).nextIdentity} of an earlier renewal cannot be read: remove it.`,
      );
    }
    const context = renewable(profile, opened);
    await storeRenewal(context, await confirmRenewal(context, next));
    return clientWith(profile, await openFiles(profile, password), { lock, invitation: undefined });
  });
}

const renewable = (
  { user, host, port, directory, serverId }: ProfileSummary,
  { signer, stored, archiveKey, authority }: OpenFiles,
): RenewableProfile => ({
  ...{ directory, user, serverId, signer, stored, archiveKey, scheduler: systemScheduler },
  transport: createTlsTransport({ host, port }, authority),
});

/** Returns the client of an open profile. */
async function clientWith(
  { user, host, port, directory }: ProfileSummary,
  { signer, stored, archiveKey, authority, vault }: OpenFiles,
  others: Pick<OpenProfile, 'lock' | 'invitation' | 'begunRenewal'>,
): Promise<ChatClient> {
  const archive = await openArchive(directory, archiveKey);
  const address = { host, port };
  return clientOf({ directory, user, address, authority, signer, vault, archive, stored, ...others });
}

/** Returns the identity key of an interrupted enrolment, or a new one. It is on the disk before the server gets it. */
async function prepareIdentity(
  { address, authority, user, password }: Enrolment,
  directory: string,
): Promise<UnlockedKeyFile> {
  const paths = profilePaths(directory);
  if ((await readProfile(directory)) !== null) return openIdentity(paths.identity, password);
  const { privatePem, ...unlocked } = await createKeyFile(password);
  await writeAtomically(paths.identity, privatePem);
  await writeAtomically(paths.authority, authority.chain.first);
  if (authority.chain.successions.length > 0) await writeChain(directory, authority.chain);
  await writeProfile(directory, fileOf(address, authority.serverId, user, false));
  return unlocked;
}

const fileOf = (address: Endpoint, serverId: string, user: UserName, enrolled: boolean): ProfileFile => ({
  v: 1,
  user,
  host: address.host,
  port: address.port,
  authority: serverId,
  enrolled,
});

/**
 * Creates an identity key, enrols it, and stores it as a profile. The client is not connected yet. If the outcome is unknown (the
 * connection broke, the server failed), the same call with the same password continues with the same identity key.
 *
 * @throws ProtocolError the server's refusal: `user-name-taken`, `invitation-required`, `invitation-refused`, `enrolment-closed`,
 * ...; nothing is left on the disk then
 * @throws ClientError `profile-exists`, `profile-in-use`, `unreachable`, `wrong-authority`
 */
export async function enrol(enrolment: Enrolment): Promise<ChatClient> {
  const { home, address, authority, user, invitation } = enrolment;
  const directory = profileDirectory(home, user, authority.serverId);
  await makePrivateDirectory(directory);
  return locked(directory, async (lock) => {
    if ((await readProfile(directory))?.enrolled === true) {
      throw new ClientError('profile-exists', `${user} is enrolled at this server already: log in with the password.`);
    }
    const isNew = (await readProfile(directory)) === null;
    const { signer, secret } = await prepareIdentity(enrolment, directory);
    const server = serverAuthority(directory, await readChain(directory, authority.serverId));
    const transport = createTlsTransport(address, server);
    try {
      const certified = await enrolIdentity(transport, systemScheduler, { user, signer }, invitation);
      const stored = { ...emptyStored, certified };
      const { vault, archiveKey } = await createSealedFile(profilePaths(directory).state, secret, stored);
      await writeProfile(directory, fileOf(address, authority.serverId, user, true));
      const archive = await openArchive(directory, archiveKey);
      return clientOf({ directory, user, address, authority: server, signer, vault, archive, stored, lock });
    } catch (error) {
      // The server has certainly not bound the user name to this identity key, so the key is worth nothing.
      if (isNew && reactionTo('enrol', error) === 'give-up') await rm(directory, { recursive: true, force: true });
      throw error;
    }
  });
}

/**
 * Changes the address of a profile's server, which has moved, or the authority that the profile trusts. Before that, connects to the
 * address, to be sure that the server there belongs to the authority.
 *
 * @param authority of the same server, confirmed by the user or by an invitation line. Default: the one that the profile trusts
 *
 * @throws ClientError `wrong-authority`, `unreachable`, `profile-in-use`
 */
export function moveProfile(
  profile: ProfileSummary,
  address: Endpoint,
  authority?: Authority,
): Promise<ProfileSummary> {
  const { user, directory, serverId } = profile;
  return locked(directory, async (lock) => {
    const chain = authority?.chain ?? (await readChain(directory, serverId));
    const server = serverAuthority(directory, chain);
    await findChatPort({ transport: createTlsTransport(address, server), scheduler: systemScheduler });
    if (authority !== undefined) await writeChain(directory, chain);
    await writeProfile(directory, fileOf(address, serverId, user, true));
    lock.release();
    return { ...profile, host: address.host, port: address.port, pinned: chain.pinned };
  });
}

/**
 * Returns everything that a profile stores, decrypted: rooms, their keys, pins. It is for demonstrations and repairs, and changes
 * nothing.
 *
 * @throws ClientError `wrong-password`, `profile-damaged`, `profile-outdated`
 */
export async function inspectProfile(profile: ProfileSummary, password: string): Promise<Stored> {
  return (await readFiles(profile, password)).stored;
}
