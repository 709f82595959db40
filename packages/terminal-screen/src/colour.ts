/** The colours of a style, for terminals with fewer of them. */

/** Bits of a colour, none, 16, 256 or 16 million colours. */
export type ColourDepth = 1 | 4 | 8 | 24;

/** Returns the depth for a number of bits, as the output of a terminal reports it. */
export const colourDepth = (bits: number): ColourDepth => (bits >= 24 ? 24 : bits >= 8 ? 8 : bits >= 4 ? 4 : 1);

type Rgb = readonly [red: number, green: number, blue: number];

/** The first 16 colours as xterm shows them. */
const basic: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** The intensities of the cube of 6 by 6 by 6 colours, which begins at number 16; a ramp of greys follows it. */
const levels = [0, 95, 135, 175, 215, 255];
const [cubeStart, greyStart] = [16, 232];

function rgbOfIndex(index: number): Rgb {
  const known = basic[index];
  if (known !== undefined) return known;
  if (index >= greyStart) {
    const grey = 8 + 10 * (index - greyStart);
    return [grey, grey, grey];
  }
  const at = index - cubeStart;
  const level = (step: number) => levels[Math.floor(at / step) % 6] ?? 0;
  return [level(36), level(6), level(1)];
}

const distance = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

const nearest = (candidates: readonly Rgb[], wanted: Rgb): number =>
  candidates.reduce(
    (best, each, index) => (distance(each, wanted) < distance(candidates[best] ?? each, wanted) ? index : best),
    0,
  );

const cubeAndGreys = Array.from({ length: 256 - cubeStart }, (_, at) => rgbOfIndex(cubeStart + at));

const basicCode = (index: number): string => String(index < 8 ? 30 + index : 90 + index - 8);

/** A colour at the end of the parameters: `38;5;28` or `38;2;0;128;0`. */
const richColour = /;?38;(?:5;(\d+)|2;(\d+);(\d+);(\d+))$/;
const anyColour = /;?(?:38;(?:5|2);[\d;]+|[39][0-7])$/;

/** Returns the parameters of a style with the nearest colour that the terminal has. */
export function reduced(style: string, depth: ColourDepth): string {
  if (depth === 24) return style;
  if (depth === 1) return style.replace(anyColour, '');
  const found = richColour.exec(style);
  if (found === null) return style;
  const [whole, index] = found;
  const isIndexed = index !== undefined;
  if (isIndexed && depth === 8) return style;
  const rgb: Rgb = isIndexed ? rgbOfIndex(Number(index)) : [Number(found[2]), Number(found[3]), Number(found[4])];
  const code = depth === 4 ? basicCode(nearest(basic, rgb)) : `38;5;${cubeStart + nearest(cubeAndGreys, rgb)}`;
  const attributes = style.slice(0, style.length - whole.length);
  return attributes === '' ? code : `${attributes};${code}`;
}
