/** Bracketed pastes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPasteReader, withLineFeeds } from '../../src/terminal/paste.ts';

const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;

function readAll(chunks: readonly string[]): string {
  const read = createPasteReader();
  return chunks.map(read).join('');
}

describe('pasted text', () => {
  test('of several lines becomes one line, and several again when it is sent', () => {
    const keys = readAll([`x${paste('one\r\n  two\rthree\n')}\r`]);
    expect(keys).not.toMatch(/\n/);
    expect(withLineFeeds(keys)).toBe('xone\n  two\nthree\r');
  });

  test('cannot act as keys', () => {
    expect(readAll([paste('a\u0003\u0004\u001b[A\u007fb\tc')])).toBe('a[Ab\tc');
  });

  test('is the same wherever the bytes are cut', () => {
    const typed = `ab\u001b[A${paste('one\ntwo\u001b[2')}\u001b[1;5Cc${paste('')}\r`;
    const whole = readAll([typed]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: typed.length }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), typed.length];
        const chunks = edges.slice(1).map((edge, at) => typed.slice(edges[at], edge));
        // An escape key acts at once, so only a cut right after ESC may make a difference.
        fc.pre(chunks.every((chunk) => !chunk.endsWith('\u001b')));
        expect(readAll(chunks)).toBe(whole);
      }),
    );
  });

  test('does not delay typed keys, not even an escape key', () => {
    const read = createPasteReader();
    expect(read('a')).toBe('a');
    expect(read('\u001b')).toBe('\u001b');
    expect(read('\r')).toBe('\r');
  });
});
