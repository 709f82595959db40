/** Shows a new recovery phrase once, and asks for some of its words, so that the user has it before it is gone. */
import type { Profiles } from '../client-surface.ts';
import type { Prompt } from '../terminal/prompt.ts';

/** How many words are asked back. */
const wordsAsked = 3;
const wordsPerLine = 4;

/** Returns different numbers below a bound, in their order. */
function chosenFrom(count: number, random: () => number): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < wordsAsked) chosen.add(Math.floor(random() * count));
  return [...chosen].sort((a, b) => a - b);
}

/** Returns the words with their numbers, some in each line. */
function numbered(words: readonly string[]): string {
  const cells = words.map((word, index) => `${String(index + 1).padStart(4)} ${word.padEnd(9)}`);
  const lines = Array.from({ length: Math.ceil(cells.length / wordsPerLine) }, (_, line) =>
    cells
      .slice(line * wordsPerLine, (line + 1) * wordsPerLine)
      .join('')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** What a recovery phrase is for. */
export const phrasePurpose =
  'With a recovery phrase of 24 words you get your name, rooms and messages back if this machine is lost or you forget the password. The server keeps a backup for it, encrypted, which it cannot read.';

/**
 * Makes a recovery phrase, and shows it until the user has entered some of its words.
 *
 * @throws CommandError `cancelled` when the user leaves
 */
export async function makePhrase(
  { newPhrase }: Pick<Profiles, 'newPhrase'>,
  prompt: Prompt,
  random: () => number = Math.random,
): Promise<string> {
  const phrase = newPhrase();
  const words = phrase.split(' ');
  for (;;) {
    prompt.print(
      [
        'Write these words on paper, in their order. They are shown only now.',
        numbered(words),
        'A person who has them can read your backup and take your name: keep them as safe as a key of your home, and not on this machine.',
      ].join('\n'),
    );
    if (await hasWritten(words, prompt, random)) return phrase;
    prompt.print('That is not the word: compare with the list.');
  }
}

async function hasWritten(words: readonly string[], prompt: Prompt, random: () => number): Promise<boolean> {
  for (const index of chosenFrom(words.length, random)) {
    const answer = await prompt.ask(`Word ${index + 1}: `);
    if (answer.toLowerCase() !== words[index]) return false;
  }
  return true;
}

/** Asks a new user whether to make a recovery phrase. Without a terminal nothing is asked. */
export async function wantsPhrase(prompt: Prompt): Promise<boolean> {
  const answer = await prompt.ask(`${phrasePurpose}\nMake one now? (yes/no) `, 'no');
  return /^y(es)?$/i.test(answer);
}
