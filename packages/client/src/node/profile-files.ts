/**
 * The files of a profile: one directory for each user at each server. `profile.json` has the user name and the server's address,
 * `ca.pem` the server's first authority, `authority.json` those that followed it, `identity.pem` the identity key under the password, `state.sealed` everything else, with the
 * folder `parts` for what is large in it, and the folder `archive` the recent entries of its rooms.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileLock, lockFile, readIfThere, writeAtomically } from '@chat/durable-files';
import { codeOf, type UserName, userName } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { pinnedIn } from './authority-file.ts';
import { profilePaths } from './profile-paths.ts';
import { requireUnfenced } from './whole-profile/fence.ts';
import { isTransient, sweepHome } from './whole-profile/home.ts';

/** The schema of `profile.json`. */
const profileFile = z.strictObject({
  v: z.literal(1),
  user: userName,
  host: z.string().min(1),
  /** Enrolment port. */
  port: z.int().min(1).max(65535),
  /** The server id: the fingerprint of the server's first authority. */
  authority: z.string().regex(/^[0-9a-f]{64}$/),
  /** False until the server has accepted the identity key. */
  enrolled: z.boolean(),
});
/** The content of `profile.json`. */
export type ProfileFile = z.infer<typeof profileFile>;

/** An enrolled profile. */
export interface ProfileSummary {
  readonly user: UserName;
  readonly host: string;
  /** Enrolment port. */
  readonly port: number;
  /** The server id: the fingerprint of the server's first authority. */
  readonly serverId: string;
  /** The fingerprint of the authority that this profile trusts now. */
  readonly pinned: string;
  readonly directory: string;
}

/** Creates a directory for its owner only, with its parents. */
export const makePrivateDirectory = (path: string) => mkdir(path, { recursive: true, mode: 0o700 });

/** Writes `profile.json`. */
export const writeProfile = (directory: string, profile: ProfileFile): Promise<void> =>
  writeAtomically(profilePaths(directory).profile, `${JSON.stringify(profile, null, 2)}\n`);

/**
 * Reads `profile.json`.
 *
 * @returns null if there is none
 * @throws ClientError `profile-damaged`
 */
export async function readProfile(directory: string): Promise<ProfileFile | null> {
  const path = profilePaths(directory).profile;
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    return profileFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new ClientError('profile-damaged', `The file ${path} is damaged: restore it from a backup.`, { cause });
  }
}

/**
 * Lists the enrolled profiles in `home`, ordered by directory. Creates `home` if it is missing.
 *
 * @param damaged called with the error `profile-damaged` of each profile that cannot be listed
 */
export async function listProfiles(
  home: string,
  damaged: (error: ClientError) => void = () => undefined,
): Promise<readonly ProfileSummary[]> {
  await makePrivateDirectory(home);
  await sweepHome(home);
  const entries = await readdir(home, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !isTransient(entry.name));
  const profiles: ProfileSummary[] = [];
  const skipped = (error: unknown): undefined => {
    if (!(error instanceof ClientError)) throw error;
    damaged(error);
  };
  for (const { name } of names) {
    const directory = join(home, name);
    const profile = await readProfile(directory).catch(skipped);
    if (profile?.enrolled !== true) continue;
    const { user, host, port, authority: serverId } = profile;
    const pinned = await pinnedIn(directory).catch(skipped);
    if (pinned !== undefined) profiles.push({ user, host, port, serverId, pinned: pinned ?? serverId, directory });
  }
  return profiles.sort((a, b) => (a.directory < b.directory ? -1 : 1));
}

/** SQLITE_READONLY: the lock's file cannot be written. */
const readOnlyErrorNumber = 8;

/** Returns whether the file system of the profile is read-only. */
export const isReadOnly = (error: unknown): boolean =>
  codeOf(error) === 'EROFS' || (error instanceof Error && 'errcode' in error && error.errcode === readOnlyErrorNumber);

/** No client can write to the profile, so none has to be kept away. */
const lockOfReadOnlyProfile: FileLock = { release: () => undefined };

function lockUnlessReadOnly(path: string): FileLock | null {
  try {
    return lockFile(path);
  } catch (error) {
    if (isReadOnly(error)) return lockOfReadOnlyProfile;
    throw error;
  }
}

/**
 * Locks a profile until the lock is released or this process ends. Only one client at a time may use a profile, because each message
 * contains the hash of the user's message before, and two clients would both continue the same chain. A profile on a read-only file system can be opened, to read it.
 *
 * @throws ClientError `profile-in-use`
 */
export function lockProfile(directory: string): FileLock {
  const lock = lockUnlessReadOnly(profilePaths(directory).lock);
  if (lock !== null) return lock;
  throw new ClientError(
    'profile-in-use',
    'This profile is open in another window or program: close all that use it first.',
  );
}

/**
 * Runs `work` under the profile's lock. The lock is kept if `work` succeeds, and released if it fails.
 *
 * @throws ClientError `profile-in-use`, `profile-moved`
 */
export async function locked<T>(directory: string, work: (lock: FileLock) => Promise<T>): Promise<T> {
  const lock = lockProfile(directory);
  try {
    await requireUnfenced(directory);
    return await work(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
