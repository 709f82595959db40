/** Several programs with one profile: here several clients of one process. */
import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { type EarlyUnlock, unlockWith } from '../../src/node/early-unlock.ts';
import { listProfiles, openSharedProfile, type ProfileSummary, type SharedClient } from '../../src/node/index.ts';
import { profilePaths } from '../../src/node/profile-paths.ts';
import { password, type TestNetwork, watch } from './test-network.ts';

/** Returns the profile of a user. */
export async function profileOf(network: TestNetwork, user: string): Promise<ProfileSummary> {
  const profile = (await listProfiles(network.home)).find((each) => each.user === user);
  if (profile === undefined) throw new Error(`no profile of ${user}`);
  return profile;
}

/** Returns alice's profile, which is in the room `lobby` and closed. */
export async function withLobby(network: TestNetwork): Promise<ProfileSummary> {
  const { client } = await network.enrol('alice');
  await client.createRoom('lobby');
  await client.close();
  return profileOf(network, 'alice');
}

/** The key file that was opened last. */
let unlock: EarlyUnlock | null = null;

/** Opens the key file once for all programs of a test: each derivation from the password takes the processor for a third of a second. */
async function unlockOf({ directory }: ProfileSummary): Promise<EarlyUnlock> {
  const pem = await readFile(profilePaths(directory).identity, 'utf8');
  unlock = { pem, password, unlocked: unlockWith(unlock, pem, password) };
  return unlock;
}

/** Opens the profile once more, and closes it with the test. */
export async function openProgram(profile: ProfileSummary) {
  const client = await openSharedProfile(profile, password, { early: await unlockOf(profile) });
  onTestFinished(() => client.close());
  return watch<SharedClient>(client);
}
