/** The commands and options of `chat`. */
import { readFileSync } from 'node:fs';
import { completionCommand, type Program } from '@chat/command-line';
import { type InvitationLine, parseInvitationLine } from '@chat/protocol';
import { z } from 'zod';
import { oneShots } from './one-shot/table.ts';

/** A mistyped command must not be taken for a host: an address has a colon, a dot or a slash, or is this machine. */
const invitationLine = z.string().transform((text, context): InvitationLine => {
  const line = /[:./#]|^localhost$/.test(text) ? parseInvitationLine(text) : null;
  if (line !== null) return line;
  context.addIssue('not an invitation line');
  return z.NEVER;
});

/** The definition of the command line of `chat`. */
export const program = {
  name: 'chat',
  summary: 'end-to-end encrypted group chat in the terminal.',
  defaultCommand: 'interactive',
  defaultIsNameless: true,
  commands: {
    interactive: {
      summary:
        'Open the chat. LINE is the invitation line of a server (chat://host:9998#fingerprint). It is needed once. The other commands are for scripts; they work beside an open chat, too.',
      operands: {
        line: {
          value: 'LINE',
          takes: 'an invitation line (chat://host:9998#fingerprint)',
          schema: invitationLine,
          optional: true,
        },
      },
      options: {
        full: {
          value: null,
          help: 'Fill the screen: rooms at the left, members at the right. F1 lists the keys there. CHAT_FULL=1 does so at each start.',
        },
        recovery: { value: null, fallback: true, help: 'Do not offer a recovery phrase to a new user.' },
      },
    },
    ...oneShots,
    completion: completionCommand,
  },
  options: {
    user: {
      value: 'NAME',
      takes: 'a user name',
      schema: z.string(),
      environment: 'CHAT_USER',
      help: 'The user of the profile.',
    },
    server: {
      value: 'HOST[:PORT]',
      takes: 'the host of a server, or its host and enrolment port',
      schema: z.string(),
      help: 'The server of the profile, if a user name has profiles at several servers.',
    },
    'password-file': {
      value: 'FILE',
      takes: 'a file',
      schema: z.string(),
      environment: 'CHAT_PASSWORD_FILE',
      help: 'A file with the password. Without it the variable CHAT_PASSWORD is used, else the password is asked for.',
    },
    home: {
      value: 'DIRECTORY',
      takes: 'a directory',
      schema: z.string(),
      environment: 'CHAT_HOME',
      help: 'The directory of the profiles. Default: $XDG_DATA_HOME/chat, or ~/.local/share/chat.',
    },
  },
  notes: [
    'NO_COLOR=1 turns colours off. CHAT_DEBUG=1 prints the stack of an error.',
    'Exit codes: 0 success, 1 failure, 2 wrong command line, 130 left at a prompt or interrupted.',
  ],
} as const satisfies Program;

/** Returns the version of this program. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
