/** The colours of the screen. */
import { describe, expect, test } from 'vitest';
import { colours, noColours, paletteFor } from '../../src/screen/palette.ts';

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
