/** The environment variables that this program reads. */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';

/** An empty variable counts as not set. */
const variable = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === '' ? null : value));

const schema = z.object({
  CHAT_HOME: variable,
  CHAT_USER: variable,
  CHAT_PASSWORD: variable,
  CHAT_PASSWORD_FILE: variable,
  CHAT_DEBUG: variable,
  NO_COLOR: variable,
  TERM: variable,
  XDG_DATA_HOME: variable,
});

/** The values of the environment variables. */
export interface Environment {
  /** The directory of the profiles. */
  readonly home: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
  /** True unless the environment asks for no colours. */
  readonly colours: boolean;
  /** True when errors are printed with their stacks. */
  readonly debug: boolean;
}

/**
 * Reads the variables.
 *
 * @param userHome the home directory of the system user
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, userHome: string): Environment {
  const known = schema.parse(variables);
  // The XDG base directory specification says that relative paths are ignored.
  const data = known.XDG_DATA_HOME !== null && isAbsolute(known.XDG_DATA_HOME) ? known.XDG_DATA_HOME : null;
  return {
    home: known.CHAT_HOME ?? join(data ?? join(userHome, '.local', 'share'), 'chat'),
    user: known.CHAT_USER,
    password: known.CHAT_PASSWORD,
    passwordFile: known.CHAT_PASSWORD_FILE,
    colours: known.NO_COLOR === null && known.TERM !== 'dumb',
    debug: known.CHAT_DEBUG !== null,
  };
}
