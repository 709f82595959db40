/** `chat passwd`: another password for a profile. */
import { z } from 'zod';
import { addressText, profileText } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import { onlyProfile } from '../../sign-in/choice.ts';
import { checkNewPassword, chooseNewPassword, givenPassword } from '../../sign-in/password.ts';
import { withPassword } from '../../sign-in/unlock.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { oneShot } from '../one-shot.ts';
import { listedProfiles } from '../session.ts';
import { canAsk, withPrompt } from '../with-prompt.ts';

const noNewPassword = (): CommandError =>
  new CommandError(
    'no-password',
    'There is no terminal to ask for the new password: name a file that contains it with --new-password-file, or set CHAT_NEW_PASSWORD.',
  );

/** The command `chat passwd`. */
export const passwd = oneShot(
  {
    summary:
      'Change the password of a profile. Needs no connection. End other runs of chat before. Copies, backups and exports from before still open with the old password.',
    operands: {},
    options: {
      'new-password-file': {
        value: 'FILE',
        takes: 'a file',
        schema: z.string(),
        environment: 'CHAT_NEW_PASSWORD_FILE',
        help: 'A file with the new password. Without it the variable CHAT_NEW_PASSWORD is used, else the password is asked for, twice.',
      },
    },
  },
  async (request, context) => {
    const { profiles, settings } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const about = { server: addressText(profile), user: profile.user };
    const { newPassword: password } = settings;
    const passwordFile = request['new-password-file'] ?? settings.newPasswordFile;
    await withPrompt(context, (prompt) =>
      withPassword(profile, { settings, prompt }, async (before) => {
        const choose = async () => {
          const given = await givenPassword({ passwordFile, password });
          if (given === null && !canAsk(context)) throw noNewPassword();
          const after = given ?? (await chooseNewPassword(prompt));
          checkNewPassword(after);
          if (after !== before) return after;
          throw new CommandError('same-password', 'That is the password that the profile has: nothing was changed.');
        };
        await profiles.changeProfilePassword(profile, before, choose);
      }),
    ).catch((error: unknown) => {
      throw asCommandError(error, about);
    });
    printLine(
      context.stdout,
      `The password of ${profileText(profile)} is changed. Copies, backups and exports from before still open with the old one: delete those that you do not need.`,
    );
  },
);
