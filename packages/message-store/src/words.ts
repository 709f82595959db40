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

/** Yields the words of a text, in their order. */
function* sequenceOf(text: string): Generator<string> {
  for (const [run] of folded(text).matchAll(/[\p{L}\p{N}]+/gu)) yield* wordsOfRun(run);
}

/** Returns the different words of a text. */
export const wordsOf = (text: string): ReadonlySet<string> => new Set(sequenceOf(text));

/** One word that a message must have. */
export interface WantedWord {
  readonly word: string;
  /** True if a longer word that begins with this one counts too. */
  readonly isBeginning: boolean;
}

/** Words that follow each other in a message. */
export type WantedPhrase = readonly WantedWord[];

/** Returns the parts of a query: those between spaces, and those in quotation marks. */
const partsOf = (query: string): readonly string[] =>
  [...query.matchAll(/"([^"]*)"?|[^\s"]+/gu)].map(([part, quoted]) => quoted ?? part);

const isOneUnspacedLetter = (word: string): boolean => [...word].length === 1 && word.replace(unspaced, '') === '';

/**
 * Returns the words that a user looks for, also those in quotation marks. A `*` after a word lets it stand for all words that begin with it.
 *
 * @returns nothing for a text without letters and digits
 */
export function wantedWords(query: string): readonly WantedWord[] {
  const wanted = new Map<string, boolean>();
  for (const part of partsOf(query)) {
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

/**
 * Returns which of these words have to follow each other: those in quotation marks, those that only signs divide (as in `10.0.0.1`), and
 * the pairs of letters of a script without spaces.
 */
export function wantedPhrases(query: string): readonly WantedPhrase[] {
  return partsOf(query).flatMap((part) => {
    const words = [...sequenceOf(part)];
    const [before = '', last = ''] = words.slice(-2);
    // In a text, another letter may follow the last one of a run.
    if (isOneUnspacedLetter(last) && [...before].length === 2 && before.endsWith(last)) words.pop();
    if (words.length < 2) return [];
    const isLast = (index: number) => index === words.length - 1;
    return [
      words.map((word, index) => ({
        word,
        isBeginning: isOneUnspacedLetter(word) || (part.endsWith('*') && isLast(index)),
      })),
    ];
  });
}

/** Returns whether a text has all these words. */
export function hasWords(text: string, wanted: readonly WantedWord[]): boolean {
  const words = wordsOf(text);
  return wanted.every(({ word, isBeginning }) =>
    isBeginning ? [...words].some((other) => other.startsWith(word)) : words.has(word),
  );
}

/** Returns whether all these phrases are in a text. */
export function hasPhrases(text: string, wanted: readonly WantedPhrase[]): boolean {
  if (wanted.length === 0) return true;
  const words = [...sequenceOf(text)];
  const isAt = ({ word, isBeginning }: WantedWord, at: number) =>
    isBeginning ? words[at]?.startsWith(word) === true : words[at] === word;
  return wanted.every((phrase) => words.some((_, start) => phrase.every((word, index) => isAt(word, start + index))));
}

/** Returns the word under which the messages of an author stand in the index. No text has it. */
export const authorWord = (user: string): string => `\u0001${user}`;
