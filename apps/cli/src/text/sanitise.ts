/**
 * Makes text from others safe for a terminal. Removes escape sequences (ECMA-48) with their payload, control characters, and
 * characters that reorder or hide text. They could write the clipboard, forge links or imitate lines of other users.
 */

/** The body of a string ends at any C0 terminator or C1 control, so that an unterminated one is scanned once, in linear time. */
const stringSequence = '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0080-\\u009f]*';
const terminator = '(?:\\u0007|\\u001b\\\\|\\u009c)';
const controlSequence = '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?';
const otherEscape = '\\u001b[ -/]*[0-~]?';

/** C0 without tab and line feed, DEL, C1; direction marks, overrides and isolates; line separators; invisible fillers and tags. */
const unsafeCharacter =
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]';

const sequences = new RegExp(`${stringSequence}${terminator}|${controlSequence}|${otherEscape}`, 'gu');
const characters = new RegExp(unsafeCharacter, 'gu');

/** Returns the text without anything that a terminal obeys. Line feeds and tabs stay. */
export const sanitise = (text: string): string =>
  // Without `toWellFormed`, removing the text between two lone surrogates could join them to one character.
  text.toWellFormed().replace(sequences, '').replace(characters, '');

/** Returns safe text on one line of at most `maxCharacters`: for names, and for sentences of a server. */
export function sanitiseLine(text: string, maxCharacters = 400): string {
  const line = sanitise(text).replace(/\s+/gu, ' ').trim();
  const kept = [...line].slice(0, maxCharacters).join('');
  return kept.length < line.length ? `${kept}...` : kept;
}

/** Returns JSON with every unsafe character escaped: nothing is lost, and a terminal that shows it obeys nothing. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(characters, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
