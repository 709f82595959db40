/** Opens a profile as a client, and enrols a user with a new profile. */
import { readFile, rm } from 'node:fs/promises';
import { type FileLock, writeAtomically } from '@chat/durable-files';
import { certificateFingerprint } from '@chat/mini-ca';
import type { UserName } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { createSerializedKeys, SignatureError, type Signer, type UnlockedKeyFile } from '@chat/signatures';
import { ChatClient } from '../chat-client.ts';
import { enrolIdentity, findChatPort } from '../connection/enrolment.ts';
import type { EntryArchive } from '../entry-archive.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError } from '../errors.ts';
import { emptyStored, type Stored, type Vault } from '../storage/stored-state.ts';
import { openArchiveFolder } from './archive-folder.ts';
import { type Authority, authorityKey } from './authority.ts';
import { type EarlyUnlock, unlockWith } from './early-unlock.ts';
import {
  makePrivateDirectory,
  type ProfileFile,
  type ProfileSummary,
  readProfile,
  writeProfile,
} from './profile-files.ts';
import { lockProfile } from './profile-lock.ts';
import { profileDirectory, profilePaths } from './profile-paths.ts';
import { systemScheduler } from './scheduler.ts';
import { createSealedFile, openSealedFile } from './sealed-file.ts';
import type { Endpoint } from './tls-link.ts';
import { createTlsTransport } from './tls-transport.ts';

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
  readonly invitation?: string | undefined;
  readonly user: UserName;
  readonly address: Endpoint;
  readonly authority: Authority;
  readonly signer: Signer;
  readonly vault: Vault;
  readonly archive: EntryArchive;
  readonly stored: Stored;
  readonly lock: FileLock;
}

const openArchive = (directory: string, key: Uint8Array): Promise<EntryArchive> =>
  openArchiveFolder({ directory: profilePaths(directory).archive, key, now: () => systemScheduler.now() });

function clientOf({
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
    authority: { serverId: authority.fingerprint, key: authorityKey(authority) },
    vault: {
      save: (newest) => vault.save(newest),
      close: async () => {
        await archive.close();
        await vault.close();
        lock.release();
      },
    },
    archive,
    stored,
    ...others,
  });
}

/** Opens the identity key. The only derivation from the password at a start: `state.sealed` has a key from its secret. */
async function openIdentity(
  path: string,
  password: string,
  early: EarlyUnlock | null = null,
): Promise<UnlockedKeyFile> {
  try {
    return await unlockWith(early, await readFile(path, 'utf8'), password);
  } catch (cause) {
    if (cause instanceof SignatureError && (cause.code === 'wrong-password' || cause.code === 'empty-password')) {
      throw new ClientError('wrong-password', 'That is not the password of this profile.', { cause });
    }
    throw new ClientError(
      'profile-damaged',
      `The identity key ${path} cannot be read: restore it from a backup; it was left as it is.`,
      { cause },
    );
  }
}

/** Reads the pinned authority. */
async function readAuthority(directory: string, fingerprint: string): Promise<Authority> {
  const path = profilePaths(directory).authority;
  try {
    const certificate = await readFile(path, 'utf8');
    if (certificateFingerprint(certificate) === fingerprint) return { certificate, fingerprint };
  } catch (cause) {
    throw damagedAuthority(path, cause);
  }
  throw damagedAuthority(path);
}

const damagedAuthority = (path: string, cause?: unknown): ClientError =>
  new ClientError(
    'profile-damaged',
    `The server's certificate authority ${path} is missing or damaged: restore it from a backup; it was left as it is.`,
    { cause },
  );

/** Runs `work` under the profile's lock. The lock is kept if `work` succeeds, and released if it fails. */
async function locked<T>(directory: string, work: (lock: FileLock) => Promise<T>): Promise<T> {
  const lock = lockProfile(directory);
  try {
    return await work(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Opens a profile as a client, which is not connected yet. Closing the client releases the profile.
 *
 * @throws ClientError `wrong-password`, `profile-in-use`, `profile-damaged`, `profile-outdated`
 */
export function openProfile(
  profile: ProfileSummary,
  password: string,
  { invitation, early = null }: OpenProfileOptions = {},
): Promise<ChatClient> {
  const { user, host, port, directory } = profile;
  return locked(directory, async (lock) => {
    const paths = profilePaths(directory);
    const [{ signer, secret }, authority] = await Promise.all([
      openIdentity(paths.identity, password, early),
      readAuthority(directory, profile.authority),
    ]);
    const { vault, archiveKey, stored } = await openSealedFile(paths.state, { secret, password });
    const archive = await openArchive(directory, archiveKey);
    return clientOf({ user, address: { host, port }, authority, signer, vault, archive, stored, lock, invitation });
  });
}

/** Returns the identity key of an interrupted enrolment, or a new one. It is on the disk before the server gets it. */
async function prepareIdentity(
  { address, authority, user, password }: Enrolment,
  directory: string,
): Promise<UnlockedKeyFile> {
  const paths = profilePaths(directory);
  if ((await readProfile(directory)) === null) {
    const { privatePem } = createSerializedKeys(password);
    await writeAtomically(paths.identity, privatePem);
    await writeAtomically(paths.authority, authority.certificate);
    await writeProfile(directory, fileOf(address, authority, user, false));
  }
  return openIdentity(paths.identity, password);
}

const fileOf = (address: Endpoint, authority: Authority, user: UserName, enrolled: boolean): ProfileFile => ({
  v: 1,
  user,
  host: address.host,
  port: address.port,
  authority: authority.fingerprint,
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
  const directory = profileDirectory(home, user, authority.fingerprint);
  await makePrivateDirectory(directory);
  return locked(directory, async (lock) => {
    if ((await readProfile(directory))?.enrolled === true) {
      throw new ClientError('profile-exists', `${user} is enrolled at this server already: log in with the password.`);
    }
    const isNew = (await readProfile(directory)) === null;
    const { signer, secret } = await prepareIdentity(enrolment, directory);
    const transport = createTlsTransport(address, authority);
    try {
      const certified = await enrolIdentity(transport, systemScheduler, { user, signer }, invitation);
      const stored = { ...emptyStored, certified };
      const { vault, archiveKey } = await createSealedFile(profilePaths(directory).state, secret, stored);
      await writeProfile(directory, fileOf(address, authority, user, true));
      const archive = await openArchive(directory, archiveKey);
      return clientOf({ user, address, authority, signer, vault, archive, stored, lock });
    } catch (error) {
      // The server has certainly not bound the user name to this identity key, so the key is worth nothing.
      if (isNew && reactionTo('enrol', error) === 'give-up') await rm(directory, { recursive: true, force: true });
      throw error;
    }
  });
}

/**
 * Changes the address of a profile's server, which has moved. Before that, connects to the new address, to be sure that the server
 * there belongs to the profile's authority.
 *
 * @throws ClientError `wrong-authority`, `unreachable`, `profile-in-use`
 */
export function moveProfile(profile: ProfileSummary, address: Endpoint): Promise<ProfileSummary> {
  const { user, directory, authority: fingerprint } = profile;
  return locked(directory, async (lock) => {
    const authority = await readAuthority(directory, fingerprint);
    await findChatPort({ transport: createTlsTransport(address, authority), scheduler: systemScheduler });
    await writeProfile(directory, fileOf(address, authority, user, true));
    lock.release();
    return { ...profile, host: address.host, port: address.port };
  });
}

/**
 * Returns everything that a profile stores, decrypted: rooms, their keys, pins. It is for demonstrations and repairs, and changes
 * nothing.
 *
 * @throws ClientError `wrong-password`, `profile-damaged`, `profile-outdated`
 */
export async function inspectProfile({ directory }: ProfileSummary, password: string): Promise<Stored> {
  const paths = profilePaths(directory);
  const { secret } = await openIdentity(paths.identity, password);
  const { stored } = await openSealedFile(paths.state, { secret, password });
  return stored;
}
