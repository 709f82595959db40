/** The environment variables that this program reads. Needs no schema library, because it runs before that is loaded. */
import { isAbsolute, join } from 'node:path';
import { type TerminalNotification, terminalNotificationOf } from './terminal-notification.ts';

/** An empty variable counts as not set. */
const given = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);

/** The values of the environment variables. */
export interface Environment {
  /** The directory of the profiles. */
  readonly home: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly passwordFile: string | null;
  /** The password that a profile is to have from now on. */
  readonly newPassword: string | null;
  readonly newPasswordFile: string | null;
  /** True unless the environment asks for no colours. */
  readonly colours: boolean;
  /** True when the environment asks for the full screen. */
  readonly fullScreen: boolean;
  /** True for a terminal that cannot move its cursor. */
  readonly isDumb: boolean;
  /** The notification that the terminal is known to show; null for none. */
  readonly terminalNotification: TerminalNotification | null;
  /** True when errors are printed with their stacks. */
  readonly debug: boolean;
}

/**
 * Reads the variables.
 *
 * @param userHome the home directory of the system user
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, userHome: string): Environment {
  const [home, dataHome] = [given(variables['CHAT_HOME']), given(variables['XDG_DATA_HOME'])];
  // The XDG base directory specification says that relative paths are ignored.
  const isDumb = given(variables['TERM']) === 'dumb';
  const data = dataHome !== null && isAbsolute(dataHome) ? dataHome : null;
  return {
    home: home ?? join(data ?? join(userHome, '.local', 'share'), 'chat'),
    user: given(variables['CHAT_USER']),
    password: given(variables['CHAT_PASSWORD']),
    passwordFile: given(variables['CHAT_PASSWORD_FILE']),
    newPassword: given(variables['CHAT_NEW_PASSWORD']),
    newPasswordFile: given(variables['CHAT_NEW_PASSWORD_FILE']),
    colours: given(variables['NO_COLOR']) === null && !isDumb,
    fullScreen: given(variables['CHAT_FULL']) !== null,
    isDumb,
    terminalNotification: terminalNotificationOf(variables),
    debug: given(variables['CHAT_DEBUG']) !== null,
  };
}
