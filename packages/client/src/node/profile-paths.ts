/** Where the files of a profile are. Needs no other module, because `beginUnlock` runs before they are loaded. */
import { join } from 'node:path';
import type { UserName } from '@chat/protocol';

/** Returns the paths of a profile's files. */
export const profilePaths = (directory: string) => ({
  profile: join(directory, 'profile.json'),
  authority: join(directory, 'ca.pem'),
  authorities: join(directory, 'authority.json'),
  identity: join(directory, 'identity.pem'),
  /** The key of a renewal that the server has not confirmed. */
  nextIdentity: join(directory, 'identity.next.pem'),
  state: join(directory, 'state.sealed'),
  /** The state under the key of a renewal, until it takes the place of the other one. */
  nextState: join(directory, 'state.next.sealed'),
  /** While the password is changed: the state under the new one, and the key of a renewal that has begun. */
  rekeyedState: join(directory, 'state.rekeyed.sealed'),
  rekeyedNextIdentity: join(directory, 'identity.next.rekeyed.pem'),
  archive: join(directory, 'archive'),
  lock: join(directory, 'profile.lock'),
  /** Stands there when the profile was exported. */
  fence: join(directory, 'moved.json'),
  messages: join(directory, 'messages'),
  /** The ciphertext of files that are being sent and saved. */
  transfers: join(directory, 'transfers'),
  /** The socket at which the program that has the profile serves the others. */
  socket: join(directory, 'programs.sock'),
});

/** Returns the directory of a user's profile at this server. */
export const profileDirectory = (home: string, user: UserName, serverId: string): string =>
  join(home, `${user}@${serverId.slice(0, 16)}`);
