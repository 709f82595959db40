/** The colours of the screen (ECMA-48 SGR). There are none without a terminal or with NO_COLOR. */
import { indexedColourOf, richColourOf } from './author-colour.ts';

/** Functions that add the control sequences of a style to a text. */
export interface Palette {
  /** For notices that the user may overlook. */
  quiet(text: string): string;
  /** For what the user must not overlook. */
  alarm(text: string): string;
  strong(text: string): string;
  /** For a line that divides the screen. */
  inverse(text: string): string;
  /** Shows a name in its own colour, which depends on nothing but the name. */
  author(name: string): string;
}

const asIs = (text: string): string => text;

/** The palette that leaves every text unchanged. */
export const noColours: Palette = { quiet: asIs, alarm: asIs, strong: asIs, inverse: asIs, author: asIs };

const sgr = (code: string, end: string) => (text: string) => `\u001b[${code}m${text}\u001b[${end}m`;

/** The palette of a terminal with 256 colours. */
export const colours: Palette = {
  quiet: sgr('2', '22'),
  alarm: sgr('1;31', '22;39'),
  strong: sgr('1', '22'),
  inverse: sgr('7', '27'),
  author: (name) => sgr(`1;38;5;${indexedColourOf(name)}`, '22;39')(name),
};

/** The palette of a terminal with 16 million colours. */
export const richColours: Palette = {
  ...colours,
  author: (name) => sgr(`1;38;2;${richColourOf(name).join(';')}`, '22;39')(name),
};

/**
 * Returns the palette for an output.
 *
 * @param allowed false when the environment asks for no colours
 */
export const paletteFor = (output: { readonly isTTY?: boolean }, allowed: boolean): Palette =>
  allowed && output.isTTY === true ? colours : noColours;
