/** Makes text from other parties safe to print: no character moves the cursor, reorders text or is invisible. */

/** Control, unassigned and private-use characters, line separators, and characters without a visible shape. */
const unsafe = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufffd]/gu;

/** Replaces each character that is invisible or changes how others appear by its code, such as `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
