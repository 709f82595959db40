/** `chat recovery`: the recovery phrase of a user, and the backups that it opens. */
import { safeJson } from '@chat/safe-text';
import { z } from 'zod';
import { addressText } from '../../client-surface.ts';
import { CommandError } from '../../command-error.ts';
import type { RunContext } from '../../run-context.ts';
import { onlyProfile } from '../../sign-in/choice.ts';
import { makePhrase, phrasePurpose } from '../../sign-in/recovery-phrase.ts';
import { withPassword } from '../../sign-in/unlock.ts';
import { printLine } from '../../terminal/print-line.ts';
import { asCommandError } from '../../text/error-sentence.ts';
import { recoveryText } from '../../text/recovery.ts';
import { oneShot } from '../one-shot.ts';
import { json } from '../operands.ts';
import { confirmed, yes } from '../profile/confirmed.ts';
import { listedProfiles, withClient, withProfile } from '../session.ts';
import { canAsk, withPrompt } from '../with-prompt.ts';
import { phraseFile, writePhrase } from './phrase-file.ts';

interface Request {
  readonly 'phrase-file'?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Prints how the recovery stands. */
const show = (request: Request, context: RunContext): Promise<void> =>
  withProfile(context, {}, async (client) => {
    const state = await client.recovery.state();
    if (request.json) context.stdout.write(`${safeJson({ recovery: state })}\n`);
    else printLine(context.stdout, recoveryText(state, context.clock.now()));
  });

/** Makes a backup, and prints how the recovery stands. */
const backUp = (request: Request, context: RunContext): Promise<void> =>
  withClient(context, {}, async (client) => {
    const state = await client.recovery.backUp();
    if (request.json) context.stdout.write(`${safeJson({ recovery: state })}\n`);
    else printLine(context.stdout, recoveryText(state, context.clock.now()));
  });

async function makeNew(request: Request, context: RunContext): Promise<void> {
  const { profiles, settings } = context;
  const file = request['phrase-file'];
  if (file === undefined && !canAsk(context)) {
    throw new CommandError(
      'usage',
      'There is no terminal to show the recovery phrase: name a file that gets it with --phrase-file.',
    );
  }
  const profile = onlyProfile(await listedProfiles(context), settings);
  await withPrompt(context, (prompt) =>
    withPassword(profile, { settings, prompt }, (password) =>
      profiles.startRecovery(profile, password, async () => {
        if (file === undefined) {
          prompt.print(
            `${phrasePurpose} A phrase from before opens nothing any more, once the backup for this one is made.`,
          );
          return makePhrase(profiles, prompt);
        }
        const phrase = profiles.newPhrase();
        await writePhrase(file, phrase);
        return phrase;
      }),
    ),
  ).catch((error: unknown) => {
    throw asCommandError(error, { server: addressText(profile), user: profile.user });
  });
  await backUp(request, context).catch((error: unknown) => {
    const { code, message } = asCommandError(error);
    throw new CommandError(
      code,
      `${message} The recovery phrase is stored, and its first backup was not made: until then it opens nothing. Chat makes it when it has a connection, or "chat recovery now" does.`,
      { cause: error },
    );
  });
}

async function end(request: Request, context: RunContext): Promise<void> {
  await confirmed(context, {
    isGiven: request.yes,
    question: 'The server erases your backup, and the recovery phrase opens nothing any more. End it?',
  });
  await withClient(context, {}, (client) => client.recovery.end());
  printLine(
    context.stdout,
    'The recovery is ended: the server has erased the backup, and the phrase opens nothing any more.',
  );
}

const actions = { show, new: makeNew, now: backUp, end } as const;

/** The command `chat recovery`. */
export const recovery = oneShot(
  {
    summary:
      'Print when your recovery phrase and its latest backup were made. "new" makes a phrase, which ends the one before (end other runs of chat before), "now" makes a backup at once, and "end" erases it at the server.',
    operands: {
      action: {
        value: 'ACTION',
        takes: 'new, now or end',
        schema: z.enum(['new', 'now', 'end']),
        optional: true,
      },
    },
    options: {
      'phrase-file': {
        ...phraseFile,
        help: 'With "new": a file that is created and gets the phrase, in place of the screen.',
      },
      yes: { ...yes, help: 'With "end": do not ask for a confirmation.' },
      json,
    },
  },
  (request, context) => actions[request.action ?? 'show'](request, context),
);
