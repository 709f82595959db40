/**
 * Makes text from others safe for a terminal. Removes escape sequences (ECMA-48) with their payload, control characters, and
 * characters that reorder or hide text. They could write the clipboard, forge links or imitate lines of other users.
 */

/** The body of a string ends at any C0 terminator or C1 control, so that an unterminated one is scanned once, in linear time. */
const stringSequence = '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0080-\\u009f]*';
const terminator = '(?:\\u0007|\\u001b\\\\|\\u009c)';
const controlSequence = '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?';
const otherEscape = '\\u001b[ -/]*[0-~]?';

/**
 * Control and format characters, line separators, and characters without a visible shape: fillers, tags, variation selectors.
 * Not among them: line feed and tab; the two joiners and the selectors of text and emoji style, which scripts and emoji need.
 */
const unsafeCharacter =
  '(?![\\n\\t\\u200c\\u200d\\ufe0e\\ufe0f])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]';

/** U+2800, a braille pattern without dots, is as empty as a space. */
const emptyPattern = /\u2800/gu;

/** More combining marks than any script puts on one letter. They would cover the rows above and below. */
const markFlood = /([\p{M}\u200c\u200d]{6})[\p{M}\u200c\u200d]+/gu;

const sequences = new RegExp(`${stringSequence}${terminator}|${controlSequence}|${otherEscape}`, 'gu');
const characters = new RegExp(unsafeCharacter, 'gu');

/** Returns the text without anything that a terminal obeys and without invisible text. Line feeds and tabs stay. */
export const sanitise = (text: string): string =>
  // Without `toWellFormed`, removing the text between two lone surrogates could join them to one character.
  text
    .toWellFormed()
    .replace(sequences, '')
    .replace(characters, '')
    .replace(emptyPattern, ' ')
    .replace(markFlood, '$1');

/** Returns safe text on one line of at most `maxCharacters`: for names, and for sentences of a server. */
export function sanitiseLine(text: string, maxCharacters = 400): string {
  const line = sanitise(text).replace(/\s+/gu, ' ').trim();
  const kept = [...line].slice(0, maxCharacters).join('');
  return kept.length < line.length ? `${kept}...` : kept;
}

const escapeOf = (found: string): string =>
  [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** Returns JSON with every unsafe character in its texts escaped: the value is the same, and a terminal obeys nothing. */
export const escapeUnsafe = (json: string): string => json.replace(characters, escapeOf);

/** Returns a value as JSON in which every unsafe character is escaped. */
export const safeJson = (value: unknown): string => escapeUnsafe(JSON.stringify(value));
