/** What a search says that has found nothing. */
import { sanitiseLine } from '@chat/safe-text';
import { timeOfDay } from './time.ts';

/** What was looked for. */
export interface SoughtMessages {
  readonly words: string;
  /** The title of the room. Default: all rooms */
  readonly title?: string | undefined;
  readonly user?: string | undefined;
  /** In ms since 1970. */
  readonly before?: number | undefined;
}

/**
 * Returns that no message is what was looked for.
 *
 * @param now in ms since 1970
 */
export function noHits({ words, title, user, before }: SoughtMessages, now: number): string {
  const where = title === undefined ? '' : ` in ${title}`;
  const by = user === undefined ? '' : ` by ${user}`;
  const when = before === undefined ? '' : ` from before ${timeOfDay(before, now)}`;
  const none = `No message${by}${where}${when} is on this machine`;
  return words.trim() === '' ? `${none}.` : `${none} that has all of these words: ${sanitiseLine(words, 200)}.`;
}
