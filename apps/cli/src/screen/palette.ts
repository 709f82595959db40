/** Colours of the line mode (ECMA-48 SGR). Without a terminal, or with NO_COLOR, there are none. */

export interface Palette {
  /** Notices that are only good to know. */
  quiet(text: string): string;
  /** What must not be overlooked. */
  alarm(text: string): string;
  strong(text: string): string;
  /** A name in its own colour, which is the same everywhere and always. */
  author(name: string): string;
}

const asIs = (text: string): string => text;

export const noColours: Palette = { quiet: asIs, alarm: asIs, strong: asIs, author: asIs };

/** Of the 256 colours those that can be read on black and on white; none of them looks like the alarm's red. */
const authorColours = [28, 30, 32, 62, 64, 67, 92, 97, 98, 103, 130, 133, 136, 166, 168, 172];

const sgr = (code: string, end: string) => (text: string) => `\u001b[${code}m${text}\u001b[${end}m`;

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

export const colours: Palette = {
  quiet: sgr('2', '22'),
  alarm: sgr('1;31', '22;39'),
  strong: sgr('1', '22'),
  author: (name) => sgr(`1;38;5;${authorColours[hashOf(name) % authorColours.length] ?? 32}`, '22;39')(name),
};

/** The palette for an output: `wanted` is false when NO_COLOR says so. */
export const paletteFor = (output: { readonly isTTY?: boolean }, wanted: boolean): Palette =>
  wanted && output.isTTY === true ? colours : noColours;
