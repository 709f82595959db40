/** The colour of an author: it depends on nothing but the name, and is readable on black and on white. */

/** Those of the 256 colours that are readable on black and on white and differ from the red of alarms. */
const indexed = [28, 30, 32, 62, 64, 67, 92, 97, 98, 103, 130, 133, 136, 166, 168, 172];

/** The luminance at which the contrast to black is that to white (WCAG 2): 4.6 to 1. */
const luminance = 0.18;
/** The share of white in a colour. Without it, blue is too dark for this luminance. */
const whiteShare = 0.25;
/** Hues in degrees, without those beside the red of alarms. */
const [firstHue, hues] = [25, 310];

/** Returns the 32-bit FNV-1a hash. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Returns the number of the author's colour among 256. */
export const indexedColourOf = (name: string): number => indexed[hashOf(name) % indexed.length] ?? 32;

/** Returns a component of sRGB, from 0 to 255. */
const encoded = (linear: number): number => Math.round(255 * (1.055 * linear ** (1 / 2.4) - 0.055));

/** Returns the author's colour among 16 million: red, green and blue from 0 to 255. */
export function richColourOf(name: string): readonly [red: number, green: number, blue: number] {
  const hue = firstHue + (hashOf(name) % hues);
  const component = (offset: number): number => {
    const place = (offset + hue / 60) % 6;
    const pure = 1 - Math.max(0, Math.min(place, 4 - place, 1));
    return whiteShare + (1 - whiteShare) * pure;
  };
  const [red, green, blue] = [component(5), component(3), component(1)];
  const scale = luminance / (0.2126 * red + 0.7152 * green + 0.0722 * blue);
  return [encoded(red * scale), encoded(green * scale), encoded(blue * scale)];
}
