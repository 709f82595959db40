/** The lines of the log. */
import { describe, expect, test } from 'vitest';
import { LineWriter } from '../src/line-writer.ts';
import { openLog, readableLine } from '../src/log.ts';

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

class DiskError extends Error {
  readonly code = 'SQLITE_FULL';
}

test('an error that repeats has its stack once, and then the same type, code and message', async () => {
  const written: string[] = [];
  const file = new LineWriter(2, (_, bytes, done) => {
    written.push(Buffer.from(bytes).toString());
    setImmediate(done, null, bytes.length);
  });
  const { log, close } = openLog({ level: 'info', readable: false }, file);
  for (let each = 0; each < 3; each++) log.error({ error: new DiskError('The disk is full.') }, 'request failed');
  expect(await close(60_000)).toBe(true);
  const lines = written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const described = { type: 'DiskError', code: 'SQLITE_FULL', message: 'The disk is full.' };
  expect(lines).toEqual([
    expect.objectContaining({ error: { ...described, stack: expect.stringContaining('log.test.ts') } }),
    expect.objectContaining({ error: described, times: 2 }),
  ]);
});
