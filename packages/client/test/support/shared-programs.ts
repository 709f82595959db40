/** Several programs with one profile: here several clients of one process. */
import { onTestFinished } from 'vitest';
import { listProfiles, openSharedProfile, type ProfileSummary, type SharedClient } from '../../src/node/index.ts';
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

/** Opens the profile once more, and closes it with the test. */
export async function openProgram(profile: ProfileSummary) {
  const client = await openSharedProfile(profile, password);
  onTestFinished(() => client.close());
  return watch<SharedClient>(client);
}
