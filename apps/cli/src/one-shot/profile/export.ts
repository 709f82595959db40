/** `chat export` and `chat take-back`: a profile goes into a file, to be imported elsewhere, and is closed here meanwhile. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { addressText, profileText } from '../../client-surface.ts';
import { onlyProfile } from '../../sign-in/choice.ts';
import { withPassword } from '../../sign-in/unlock.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { oneShot } from '../one-shot.ts';
import { listedProfiles } from '../session.ts';
import { withPrompt } from '../with-prompt.ts';
import { confirmed, yes } from './confirmed.ts';

/** The command `chat export`. */
export const exportTo = oneShot(
  {
    summary:
      'Move a profile: write all of it into one encrypted file, and close it here. "chat import" opens it elsewhere, with the same password. Needs no connection. End other runs of chat before.',
    operands: { file: { value: 'FILE', takes: 'a file that does not exist yet', schema: z.string() } },
    options: {},
  },
  async ({ file }, context) => {
    const { profiles, settings } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const { file: path, isSynced } = await withPrompt(context, (prompt) =>
      withPassword(profile, { settings, prompt }, (password) =>
        profiles.exportProfile(profile, password, resolve(file)),
      ),
    );
    if (!isSynced) {
      printLine(
        context.stderr,
        `The system does not confirm that the name of the file is on the disk: after a power cut the export may have the name ${path}.*.new.`,
      );
    }
    printLine(
      context.stdout,
      [
        `The profile ${profileText(profile)} is in ${path}, encrypted under its password, and is closed here.`,
        `At the new place: chat import FILE. Then erase it here with "chat logout", and delete the file.`,
        `If you do not import it: delete the file, and "chat take-back" opens the profile here again.`,
      ].join('\n'),
    );
  },
);

/** The command `chat take-back`. */
export const takeBack = oneShot(
  {
    summary:
      'Open a profile again that was exported and never imported. Delete the export before: two places that use one profile are refused by the server.',
    operands: {},
    options: { yes },
  },
  async (request, context) => {
    const { profiles, settings } = context;
    const profile = onlyProfile(await listedProfiles(context), settings);
    const question = `Is the export of ${profileText(profile)} deleted, and was it never imported?`;
    await confirmed(context, { isGiven: request.yes, question });
    await profiles.takeBack(profile).catch((error: unknown) => {
      throw asCommandError(error, { server: addressText(profile), user: profile.user });
    });
  },
);
