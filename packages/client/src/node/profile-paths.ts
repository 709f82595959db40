/** Where the files of a profile are. Needs no other module, because `beginUnlock` runs before they are loaded. */
import { join } from 'node:path';
import type { UserName } from '@chat/protocol';

/** Returns the paths of a profile's files. */
export const profilePaths = (directory: string) => ({
  profile: join(directory, 'profile.json'),
  authority: join(directory, 'ca.pem'),
  identity: join(directory, 'identity.pem'),
  state: join(directory, 'state.sealed'),
  archive: join(directory, 'archive'),
});

/** Returns the directory of a user's profile at the server of this authority. */
export const profileDirectory = (home: string, user: UserName, authority: string): string =>
  join(home, `${user}@${authority.slice(0, 16)}`);
