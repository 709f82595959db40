/**
 * A profile on disk: one directory for each user at each server.
 * `profile.json` who and where, `ca.pem` the pinned authority, `identity.pem` the identity key under the password,
 * `state.sealed` all the rest.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeAtomically } from '@chat/durable-files';
import { type UserName, userName } from '@chat/protocol';
import { z } from 'zod';
import { ClientError } from '../errors.ts';

const profileFile = z.strictObject({
  v: z.literal(1),
  user: userName,
  host: z.string().min(1),
  /** Enrolment port. */
  port: z.int().min(1).max(65535),
  /** Fingerprint of the server's authority. */
  authority: z.string().regex(/^[0-9a-f]{64}$/),
  /** False from the moment the identity is made until the server has accepted it. */
  enrolled: z.boolean(),
});
export type ProfileFile = z.infer<typeof profileFile>;

export interface ProfileSummary {
  readonly user: UserName;
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly directory: string;
}

export const profilePaths = (directory: string) => ({
  profile: join(directory, 'profile.json'),
  authority: join(directory, 'ca.pem'),
  identity: join(directory, 'identity.pem'),
  state: join(directory, 'state.sealed'),
});

export const profileDirectory = (home: string, user: UserName, authority: string): string =>
  join(home, `${user}@${authority.slice(0, 16)}`);

export const makePrivateDirectory = (path: string) => mkdir(path, { recursive: true, mode: 0o700 });

export const writeProfile = (directory: string, profile: ProfileFile): Promise<void> =>
  writeAtomically(profilePaths(directory).profile, `${JSON.stringify(profile, null, 2)}\n`);

/** Null when there is none. Throws `profile-damaged`. */
export async function readProfile(directory: string): Promise<ProfileFile | null> {
  const path = profilePaths(directory).profile;
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    return profileFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new ClientError('profile-damaged', `The file ${path} is damaged: put it back from a backup.`, { cause });
  }
}

/** The enrolled profiles below `home`, by name; the directory is made when it is missing. */
export async function listProfiles(home: string): Promise<readonly ProfileSummary[]> {
  await makePrivateDirectory(home);
  const names = (await readdir(home, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const profiles: ProfileSummary[] = [];
  for (const { name } of names) {
    const directory = join(home, name);
    const profile = await readProfile(directory);
    if (profile?.enrolled !== true) continue;
    const { user, host, port, authority } = profile;
    profiles.push({ user, host, port, authority, directory });
  }
  return profiles.sort((a, b) => (a.directory < b.directory ? -1 : 1));
}
