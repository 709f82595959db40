/** Names that other users chose, on the disk of this one. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mediaTypeOf, safeFileName, sentFileName } from '../../src/files/file-name.ts';

describe('a safe name', () => {
  test.each([
    ['report.pdf', 'report.pdf'],
    ['Grüße an Ünal.txt', 'Grüße an Ünal.txt'],
    ['写真 🙂.jpg', '写真 🙂.jpg'],
    ['../../etc/passwd', '_._.._etc_passwd'],
    ['..', 'file'],
    ['.bashrc', '_bashrc'],
    ['-rf', '_rf'],
    ['C:\\Windows\\system.ini', 'C__Windows_system.ini'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1', '_com1'],
    ['console.log', 'console.log'],
    ['a\u0000b', 'ab'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['zero\u200Bwidth', 'zerowidth'],
    ['line\nbreak', 'linebreak'],
    ['name. . ', 'name'],
    ['what?*|<>"', 'what______'],
    ['', 'file'],
    ['\ud800', '\ufffd'],
  ])('of %j is %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test('is short, and keeps its ending', () => {
    const safe = safeFileName(`${'ä'.repeat(500)}.tar`);
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
    expect(safe.endsWith('ä.tar')).toBe(true);
    expect(Buffer.byteLength(safeFileName(`a.${'b'.repeat(900)}`))).toBeLessThanOrEqual(200);
  });

  test('never leaves its folder, whatever the name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toMatch(/[/\\\p{Cc}\p{Cf}\p{Cs}]|^\.|[. ]$|^$/u);
        expect(fileURLToPath(new URL(encodeURIComponent(safe), 'file:///folder/'))).toMatch(/^\/folder\/[^/]+$/);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });

  test('is that of a message, if it may stand there', () => {
    expect(sentFileName('.bashrc')).toBe('.bashrc');
    expect(sentFileName('a\\b')).toBe('a_b');
    expect([mediaTypeOf('A.PDF'), mediaTypeOf('a'), mediaTypeOf('.png')]).toEqual([
      'application/pdf',
      'application/octet-stream',
      'application/octet-stream',
    ]);
  });
});
