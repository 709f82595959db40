/** What `--help` and `--version` print. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { oneShots } from './one-shot/table.ts';

const commands = Object.values(oneShots).flatMap(({ usage, summary }) => [`  chat ${usage}`, `      ${summary}`]);

export const help = `chat [LINE]
  Chats in the terminal. LINE is what the server printed, chat://host:9998#fingerprint, and is needed once.

Without a screen, for scripts:
${commands.join('\n')}

Options
  --user NAME            which profile (CHAT_USER)
  --server HOST[:PORT]   which profile, where one name is on several servers
  --password-file FILE   the password, instead of being asked (CHAT_PASSWORD_FILE, or CHAT_PASSWORD itself)
  --home DIRECTORY       where the profiles are (CHAT_HOME; else $XDG_DATA_HOME/chat or ~/.local/share/chat)
  --help, --version

NO_COLOR=1 turns colours off, CHAT_DEBUG=1 shows where an error came from.
The program ends with 0 when it did what was asked, 1 when it could not, 2 when it was asked wrongly, 130 when it was left at a prompt.`;

/** This app's version. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
