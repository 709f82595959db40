/** The line writer with a destination that accepts few bytes, fails, or is busy. */
import { expect, test } from 'vitest';
import { LineWriter, type WriteTo } from '../src/line-writer.ts';

/** A destination that accepts at most 5 bytes for each write, or fails with the code given for that write. */
function destination(...failures: (string | null)[]) {
  const written: string[] = [];
  const writeTo: WriteTo = (_, bytes, done) => {
    const code = failures.shift() ?? null;
    setImmediate(() => {
      if (code !== null) return done(Object.assign(new Error(code), { code }), 0);
      written.push(Buffer.from(bytes.subarray(0, 5)).toString());
      done(null, Math.min(5, bytes.length));
    });
  };
  return { writer: new LineWriter(2, writeTo), text: () => written.join('') };
}

test('writes lines completely and in order, however few bytes the destination accepts', async () => {
  const { writer, text } = destination();
  for (const line of ['one, and a rest\n', 'two\n', 'three, \u00e9\n']) writer.write(line);
  await writer.flushed();
  expect(text()).toBe('one, and a rest\ntwo\nthree, \u00e9\n');
  expect(writer.dropped).toBe(0);
});

test('drops a line that fails, and tries the next one', async () => {
  const { writer, text } = destination('EIO', 'ENOSPC');
  for (const line of ['a\n', 'b\n', 'c\n']) {
    writer.write(line);
    await writer.flushed();
  }
  expect(text()).toBe('c\n');
  expect(writer.dropped).toBe(2);
});

test('tries again when the destination is busy', async () => {
  const { writer, text } = destination('EAGAIN', 'EAGAIN');
  writer.write('a\n');
  await writer.flushed();
  expect(text()).toBe('a\n');
});

test('bounds its memory while the destination accepts nothing, and accepts lines again afterwards', async () => {
  const held: (() => void)[] = [];
  const writer = new LineWriter(2, (_, bytes, done) => void held.push(() => done(null, bytes.length)));
  const line = `${'x'.repeat(1_023)}\n`;
  for (let count = 0; count < 1_500; count++) writer.write(line);
  expect(writer.dropped).toBe(1_500 - 1_024);
  const flushed = writer.flushed();
  while (held.length > 0) {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await flushed;
  writer.write(line);
  expect(writer.dropped).toBe(1_500 - 1_024);
  expect(held).toHaveLength(1);
});
