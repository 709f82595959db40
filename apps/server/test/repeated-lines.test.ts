/** Lines that repeat are counted. */
import { describe, expect, test } from 'vitest';
import { SparingLog } from '../src/repeated-lines.ts';

function sparing() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const keep = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log = new SparingLog({ debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') });
  return { log, lines };
}

const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

describe('a log', () => {
  test('writes the first error of a kind with its stack, and then one line a minute with the number of the others', () => {
    const { log, lines } = sparing();
    const error = full();
    for (let user = 0; user < 60; user++)
      log.error({ user: `user${user}`, connection: user, op: 'put-prekey', error }, 'failed');
    expect(lines).toEqual([{ level: 'error', message: 'failed', fields: expect.objectContaining({ error }) }]);
    log.tick();
    expect(lines).toHaveLength(2);
    expect(lines[1]?.fields).toEqual({
      ...{ user: 'user59', connection: 59, op: 'put-prekey', times: 59 },
      error: { type: 'Error', code: 'SQLITE_FULL', message: 'database or disk is full' },
    });
    log.tick();
    log.tick();
    expect(lines).toHaveLength(2);
    // It was forgotten, so it is news again.
    log.error({ error: full() }, 'failed');
    expect(lines).toHaveLength(3);
  });

  test('keeps apart what differs: the level, the message, a field, the error', () => {
    const { log, lines } = sparing();
    log.error({ room: 'a' }, 'failed');
    log.error({ room: 'b' }, 'failed');
    log.warn({ room: 'a' }, 'failed');
    log.error({ room: 'a' }, 'failed otherwise');
    log.error({ room: 'a', error: full() }, 'failed');
    expect(lines).toHaveLength(5);
  });

  test('writes every line below a warning, and counts all lines', () => {
    const { log, lines } = sparing();
    for (let each = 0; each < 3; each++) log.info({}, 'logged in');
    log.debug({}, 'refused');
    expect(lines).toHaveLength(4);
    for (let each = 0; each < 3; each++) log.warn({ times: 2 }, 'dropped');
    log.tick();
    expect(lines.at(-1)?.fields).toEqual({ times: 4 });
    expect(log.counts).toEqual({ debug: 1, info: 3, warn: 3, error: 0 });
  });

  test('remembers a bounded number of kinds, and loses no line', () => {
    const { log, lines } = sparing();
    for (let room = 0; room < 2_500; room++) for (let each = 0; each < 2; each++) log.warn({ room }, 'damaged');
    log.tick();
    const times = lines.map(({ fields }) => ('times' in fields ? Number(fields.times) : 1));
    expect(times.reduce((sum, each) => sum + each, 0)).toBe(5_000);
  });
});
