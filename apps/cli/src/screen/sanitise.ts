/**
 * Text from others, made safe for a terminal: no escape sequence (ECMA-48) with its payload, no control character, nothing
 * that reorders or hides what follows. What is removed here could write the clipboard, forge links or fake other people's lines.
 */

/** Bodies of strings end at any C0 terminator or C1 control, so that an opened one is scanned once: no quadratic time. */
const stringSequence = '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0080-\\u009f]*';
const terminator = '(?:\\u0007|\\u001b\\\\|\\u009c)';
const controlSequence = '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?';
const otherEscape = '\\u001b[ -/]*[0-~]?';

/** C0 but tab and line feed, DEL, C1; direction marks, overrides and isolates; line separators; invisible fillers and tags. */
const unsafeCharacter =
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]';

const sequences = new RegExp(`${stringSequence}${terminator}|${controlSequence}|${otherEscape}`, 'gu');
const characters = new RegExp(unsafeCharacter, 'gu');

/** The text without what a terminal would obey. Line feeds and tabs stay. */
export const sanitise = (text: string): string =>
  // Half a surrogate pair could find its other half once what stands between them is gone.
  text.toWellFormed().replace(sequences, '').replace(characters, '');

/** The same on one line, cut at `max` characters: for names and for sentences of a server. */
export function sanitiseLine(text: string, max = 400): string {
  const line = sanitise(text).replace(/\s+/gu, ' ').trim();
  const kept = [...line].slice(0, max).join('');
  return kept.length < line.length ? `${kept}...` : kept;
}

/** JSON in which every such character is escaped: nothing is lost, and nothing is obeyed by a terminal that shows it. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(characters, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
