/**
 * The first step of the program: with the password in the environment, the identity key can be opened while the rest is loaded. It imports
 * little, because what it imports is loaded before.
 */
import { beginUnlock, type EarlyUnlock } from '@chat/client/early';
import { readEnvironment } from './config/environment.ts';

/** Words that choose another profile or password than the environment, or need none. */
const otherwise = /^--(home|user|server|password-file|help|version)(=|$)/;

/**
 * Begins to open the key of the profile that the command line and the environment mean. Returns null if that is not clear from a glance
 * at them; then the key is opened later, as if this step did not exist.
 *
 * @param userHome the home directory of the system user
 */
export function earlyUnlock(
  argv: readonly string[],
  variables: NodeJS.ProcessEnv,
  userHome: string,
): EarlyUnlock | null {
  const { home, user, password, passwordFile } = readEnvironment(variables, userHome);
  if (password === null || passwordFile !== null) return null;
  if (argv[0] === 'enrol' || argv[0] === 'completion' || argv.some((word) => otherwise.test(word))) return null;
  return beginUnlock({ home, user, password });
}
