/** `chat import`: a profile from the file of an export. */
import { resolve } from 'node:path';
import { codeOf } from '@chat/protocol';
import { z } from 'zod';
import { addressText, profileText } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import { isTemporary } from '../../first-connection.ts';
import { askForPassword } from '../../sign-in/unlock.ts';
import { unlessStopped } from '../../stop.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { oneShot } from '../one-shot.ts';
import { withPrompt } from '../with-prompt.ts';

/** The command `chat import`. */
export const importFrom = oneShot(
  {
    summary:
      'Import a profile from a file of "chat export", with the password that it had then, and claim it at the server: it is in use here from then on, and nowhere else.',
    operands: { file: { value: 'FILE', takes: 'a file of "chat export"', schema: z.string() } },
    options: {},
  },
  async ({ file }, context) => {
    const { profiles, settings, stdout, stop } = context;
    const { profile, client } = await withPrompt(context, (prompt) =>
      askForPassword(
        { question: 'Password of the exported profile: ', about: { user: 'the export' } },
        { settings, prompt },
        async (password) => {
          const imported = await profiles.importProfile(settings.home, resolve(file), password);
          return { profile: imported, client: await profiles.openProfile(imported, password) };
        },
      ),
    );
    printLine(stdout, `The profile ${profileText(profile)} is imported, with the password that it had.`);
    const about = { server: addressText(profile), user: profile.user };
    try {
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
