/** The emoji that can be written by name, as `:+1:`. */

const emoji: Readonly<Record<string, string>> = {
  '+1': '\u{1f44d}',
  '-1': '\u{1f44e}',
  '100': '\u{1f4af}',
  check: '\u2705',
  clap: '\u{1f44f}',
  cry: '\u{1f622}',
  eyes: '\u{1f440}',
  fire: '\u{1f525}',
  heart: '\u2764\ufe0f',
  joy: '\u{1f602}',
  no: '\u274c',
  ok: '\u{1f44c}',
  pray: '\u{1f64f}',
  question: '\u2753',
  rocket: '\u{1f680}',
  smile: '\u{1f604}',
  tada: '\u{1f389}',
  thinking: '\u{1f914}',
  warning: '\u26a0\ufe0f',
  wave: '\u{1f44b}',
};

/** The names of the emoji. */
export const emojiNames: readonly string[] = Object.keys(emoji);

/** Returns the emoji of a `:name:`, and any other text as it is; null for a name of none. */
export function emojiOf(text: string): string | null {
  const name = /^:([^:\s]+):$/u.exec(text)?.[1];
  if (name === undefined) return text;
  return Object.hasOwn(emoji, name) ? (emoji[name] ?? null) : null;
}
