/** The readable lines of the log. */
import { describe, expect, test } from 'vitest';
import { readableLine } from '../src/log.ts';

describe('a readable line', () => {
  test('has time, level, message and fields', () => {
    const line = JSON.stringify({ level: 40, time: 3_723_000, user: 'alice', count: 2, msg: 'too fast' });
    expect(readableLine(line)).toBe('01:02:03 warn  too fast user="alice" count=2\n');
  });

  test('contains neither a control character nor an invisible one', () => {
    const line = JSON.stringify({ level: 30, time: 0, user: '\u001b[2J\u202eab', msg: 'x\r\n\u001b]52;c;\u0007' });
    expect(readableLine(line).slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
