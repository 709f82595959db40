/** The words by which a text is found. */

/** Longer words are cut, in what is looked for too. In UTF-16 units, as all lengths of texts. */
const maxWordLength = 40;

/** Returns the beginning of a word. It does not end within a letter of two units: half of one would not be stored as it is. */
function cut(word: string): string {
  const beginning = word.slice(0, maxWordLength);
  return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
}

/** Scripts that put no space between words. A run of them is found by each pair of its letters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** Returns a text as it is compared: without capitals, accents, and forms of letters that mean the same. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** Yields the pairs of letters that follow each other, and the last letter alone. */
function* pairsOf(run: string): Generator<string> {
  const letters = [...run];
  for (const [index, letter] of letters.entries()) yield `${letter}${letters[index + 1] ?? ''}`;
}

function* wordsOfRun(run: string): Generator<string> {
  let end = 0;
  for (const { 0: found, index } of run.matchAll(unspaced)) {
    if (index > end) yield cut(run.slice(end, index));
    yield* pairsOf(found);
    end = index + found.length;
  }
  if (end < run.length) yield cut(run.slice(end));
}

/** Returns the different words of a text. */
export function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [run] of folded(text).matchAll(/[\p{L}\p{N}]+/gu)) for (const word of wordsOfRun(run)) words.add(word);
  return words;
}

/** One word that a message must have. */
export interface WantedWord {
  readonly word: string;
  /** True if a longer word that begins with this one counts too. */
  readonly isBeginning: boolean;
}

const isOneUnspacedLetter = (word: string): boolean => [...word].length === 1 && word.replace(unspaced, '') === '';

/**
 * Returns the words that a user looks for. A `*` after a word lets it stand for all words that begin with it.
 *
 * @returns nothing for a text without letters and digits
 */
export function wantedWords(query: string): readonly WantedWord[] {
  const wanted = new Map<string, boolean>();
  for (const part of query.split(/\s+/u)) {
    const words = [...wordsOf(part)];
    // In a text, another letter may follow the last one of a run: the pairs before it say enough.
    const said = words.filter((word) => words.length === 1 || !isOneUnspacedLetter(word));
    for (const [index, word] of said.entries()) {
      const isBeginning = (part.endsWith('*') && index === said.length - 1) || isOneUnspacedLetter(word);
      wanted.set(word, (wanted.get(word) ?? true) && isBeginning);
    }
  }
  return [...wanted].map(([word, isBeginning]) => ({ word, isBeginning }));
}

/** Returns whether a text has all these words. */
export function hasWords(text: string, wanted: readonly WantedWord[]): boolean {
  const words = wordsOf(text);
  return wanted.every(({ word, isBeginning }) =>
    isBeginning ? [...words].some((other) => other.startsWith(word)) : words.has(word),
  );
}

/** Returns the word under which the messages of an author stand in the index. No text has it. */
export const authorWord = (user: string): string => `\u0001${user}`;
