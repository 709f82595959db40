/** The two functions that make text safe to print: of the chat programs and of `@chat/mini-ca`, which imports no other package. */
import { sanitise } from '@chat/safe-text';
import { expect, test } from 'vitest';
import { visible } from '../packages/mini-ca/src/visible-text.ts';

/** Removed only as a flood, or shown as something else. */
const keptByBoth = new Set(['\n', '\t']);

test('mini-ca escapes every character that the chat programs remove', () => {
  const removed = [...Array(0x110000).keys()]
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => !keptByBoth.has(character) && sanitise(`a${character}`) === 'a');
  expect(removed.length).toBeGreaterThan(4_000);
  expect(removed.filter((character) => visible(character) === character)).toEqual([]);
});
