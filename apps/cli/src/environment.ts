/** The environment variables that this app knows, and where its files are. */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';

/** An empty variable counts as none. */
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

export interface Environment {
  /** Directory of the profiles. */
  readonly home: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
  /** Whether colours are welcome on a terminal. */
  readonly colours: boolean;
  /** Whether stacks are shown. */
  readonly debug: boolean;
}

/** Reads the variables. `userHome` is the user's home directory. */
export function readEnvironment(variables: NodeJS.ProcessEnv, userHome: string): Environment {
  const known = schema.parse(variables);
  // The XDG specification has relative paths ignored.
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
