/** What becomes of lines when their destination takes some, none, or none for now. */
import { expect, test } from 'vitest';
import { LineWriter, type WriteTo } from '../src/line-writer.ts';

/** A destination that takes at most 5 bytes at a time, and fails as it is told: a code for each write, or null. */
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

test('lines come out whole and in order, however little is taken at a time', async () => {
  const { writer, text } = destination();
  for (const line of ['one, and a rest\n', 'two\n', 'three, \u00e9\n']) writer.write(line);
  await writer.flushed();
  expect(text()).toBe('one, and a rest\ntwo\nthree, \u00e9\n');
  expect(writer.dropped).toBe(0);
});

test('what fails is dropped, and the next lines are tried', async () => {
  const { writer, text } = destination('EIO', 'ENOSPC');
  for (const line of ['a\n', 'b\n', 'c\n']) {
    writer.write(line);
    await writer.flushed();
  }
  expect(text()).toBe('c\n');
  expect(writer.dropped).toBe(2);
});

test('a destination that is busy is tried again', async () => {
  const { writer, text } = destination('EAGAIN', 'EAGAIN');
  writer.write('a\n');
  await writer.flushed();
  expect(text()).toBe('a\n');
});

test('a destination that takes nothing fills no memory, and once it does there is room again', async () => {
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
