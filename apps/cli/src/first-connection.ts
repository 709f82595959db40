/** The first connection of a conversation. Without one, what is stored can still be read. */
import { codeOf } from '@chat/protocol';
import type { Client } from './client-surface.ts';
import { CommandError } from './command-error.ts';
import { unlessStopped } from './stop.ts';
import type { Prompt } from './terminal/prompt.ts';
import { asCommandError } from './text/error-sentence.ts';

/** What a first connection needs. */
export interface FirstConnection {
  readonly client: Pick<Client, 'user' | 'connect' | 'keepConnecting' | 'refusal' | 'rooms'>;
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
  /** Prints a line that the user must not overlook. */
  alarm(text: string): void;
  /** Called with the reason that was printed for an outage, before the client tries again. */
  outage(reason: string): void;
}

/** Errors that another attempt may not have. */
const temporary: ReadonlySet<string> = new Set([
  'unreachable',
  'too-many-files',
  'timed-out',
  'certificate-refused',
  'clock-skew',
  'not-a-chat-server',
  'stopping',
  'internal',
  'rate-limited',
  'limit-reached',
]);

/** Returns whether another attempt to connect may have another outcome than this error. */
export const isTemporary = (code: string | null): boolean => code !== null && temporary.has(code);

/**
 * Connects. If that fails and the user has rooms, says why and returns all the same: the client goes on trying if that can help.
 *
 * @throws CommandError when the user has no room to read, or does not want to end the use of the profile elsewhere
 */
export async function connectFirst({ client, prompt, signal, alarm, outage }: FirstConnection): Promise<void> {
  for (let replaceOthers = false; ; replaceOthers = true) {
    try {
      return await unlessStopped(signal, client.connect({ replaceOthers }));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'cancelled') throw error;
      const explained = asCommandError(error, { user: client.user });
      // The event `refused` has been printed.
      const isPrinted = client.refusal !== null;
      if (code === 'used-elsewhere' && !replaceOthers) {
        if (!isPrinted) alarm(explained.message);
        await confirmReplacement(prompt);
        continue;
      }
      if (client.rooms().length === 0) throw explained;
      if (!isPrinted) alarm(explained.message);
      if (!isTemporary(code)) {
        prompt.print('You can read what is stored here. Nothing can be sent.');
        return;
      }
      prompt.print('You can read what is stored here. What you write is sent when there is a connection.');
      if (error instanceof Error) outage(error.message);
      client.keepConnecting();
      return;
    }
  }
}

/**
 * Asks until the user decides.
 *
 * @throws CommandError `used-elsewhere` when the other use goes on
 */
async function confirmReplacement(prompt: Prompt): Promise<void> {
  for (;;) {
    const answer = (await prompt.ask('Go on here, and end the other use of this profile? (yes/no) ')).toLowerCase();
    if (answer === 'yes' || answer === 'y') return;
    if (answer === 'no' || answer === 'n') {
      throw new CommandError('used-elsewhere', 'Nothing was changed: the other use of the profile goes on.');
    }
    prompt.print('Please answer yes or no.');
  }
}
