/** The colours of the screen. */
import { describe, expect, test } from 'vitest';
import { richColourOf } from '../../src/screen/author-colour.ts';
import { colours, noColours, paletteFor, richColours } from '../../src/screen/palette.ts';

describe('colours', () => {
  test('are for terminals, and only when allowed', () => {
    expect(paletteFor({ isTTY: true }, true)).toBe(colours);
    expect(paletteFor({ isTTY: true }, false)).toBe(noColours);
    expect(paletteFor({}, true)).toBe(noColours);
  });

  test('are the same for a name each time, and differ between names', () => {
    const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
    const shown = names.map((name) => colours.author(name).replace(name, ''));
    expect(names.map((name) => colours.author(name).replace(name, ''))).toEqual(shown);
    expect(new Set(shown).size).toBeGreaterThan(3);
  });
});

test('rich colours of authors are readable on black and on white, and none is the red of alarms', () => {
  const linear = (value: number) => ((value / 255 + 0.055) / 1.055) ** 2.4;
  const seen = new Set<string>();
  for (let number = 0; number < 400; number += 1) {
    const [red, green, blue] = richColourOf(`user${number}`);
    const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    expect((luminance + 0.05) / 0.05).toBeGreaterThan(4.4);
    expect(1.05 / (luminance + 0.05)).toBeGreaterThan(4.4);
    expect(red > 200 && green < 100 && blue < 100).toBe(false);
    seen.add(`${red} ${green} ${blue}`);
  }
  expect(seen.size).toBeGreaterThan(150);
  expect(richColours.author('bob')).toBe(richColours.author('bob'));
  expect(richColours.author('bob')).toContain(richColourOf('bob').join(';'));
});
