/** What somebody else has chosen, made safe to print on a terminal: nothing moves the cursor, turns text around or hides. */

/** Controls, unassigned and private characters, line separators, and characters that show nothing. */
const unsafe = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufffd]/gu;

/** Every character of which a reader would see nothing, or something else, as its code: `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
