/** `chat import`: a profile from the file of an export. */
import { resolve } from 'node:path';
import { codeOf } from '@chat/protocol';
import { z } from 'zod';
import { addressText, type Profile, profileText } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import { isTemporary } from '../../first-connection.ts';
import type { RunContext } from '../../run-context.ts';
import { askForPassword } from '../../sign-in/unlock.ts';
import { unlessStopped } from '../../stop.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { oneShot } from '../one-shot.ts';
import { reportRenewal } from '../session.ts';
import { withPrompt } from '../with-prompt.ts';

/** Imports the profile. Asks for its password if none is given, and returns it. */
const imported = (file: string, context: RunContext): Promise<{ profile: Profile; password: string }> => {
  const { profiles, settings } = context;
  return withPrompt(context, (prompt) =>
    askForPassword(
      { question: 'Password of the exported profile: ', about: { user: 'the export' } },
      { settings, prompt },
      async (password) => ({ profile: await profiles.importProfile(settings.home, resolve(file), password), password }),
    ),
  );
};

/** The command `chat import`. */
export const importFrom = oneShot(
  {
    summary:
      'Import a profile from a file of "chat export", with the password that it had then, and claim it at the server: it is in use here from then on, and nowhere else.',
    operands: { file: { value: 'FILE', takes: 'a file of "chat export"', schema: z.string() } },
    options: {},
  },
  async ({ file }, context) => {
    const { profiles, stdout, stop } = context;
    const { profile, password } = await imported(file, context);
    printLine(stdout, `The profile ${profileText(profile)} is imported, with the password that it had.`);
    const about = { server: addressText(profile), user: profile.user };
    const client = await profiles.openProfile(profile, password).catch((error: unknown) => {
      const { code, message } = asCommandError(error, about);
      throw new CommandError(
        code,
        `The profile is imported, and could not be opened to claim it at the server. ${message} Do not import it again: the first start of chat claims it, and until then do not use it elsewhere.`,
        { cause: error },
      );
    });
    try {
      reportRenewal(client, context);
      await unlessStopped(stop.signal, client.connect());
      printLine(stdout, 'It is in use here now, and the server refuses it elsewhere. Delete the file of the export.');
    } catch (error) {
      const { code, message } = asCommandError(error, about);
      if (codeOf(error) === 'cancelled') throw error;
      if (isTemporary(code)) {
        printLine(
          stdout,
          `${message} The first start of chat with a connection claims the profile: do not use it elsewhere until then.`,
        );
        return;
      }
      throw new CommandError(code, `The profile is imported, and the server does not let it in. ${message}`, {
        cause: error,
      });
    } finally {
      await client.close();
    }
  },
);
