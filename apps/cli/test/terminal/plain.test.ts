/** The console without a terminal. */
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { PlainConsole } from '../../src/terminal/plain.ts';
import { Prompt } from '../../src/terminal/prompt.ts';

describe('a console without a terminal', () => {
  test.each([1, 64, 500])('returns all of %i lines, then null, also when the input has ended before', async (count) => {
    const lines = [...Array(count).keys()].map((at) => `line ${at}`);
    const input = new PassThrough();
    const console = new PlainConsole(input, new PassThrough());
    input.end(`${lines.join('\n')}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    const read: string[] = [];
    for (;;) {
      const line = await console.read({ kind: 'compose', prompt: '> ' });
      if (line === null) break;
      read.push(line);
    }
    expect(read).toEqual(lines);
    console.close();
    await expect(console.read({ kind: 'question', prompt: '? ' })).resolves.toBeNull();
  });

  test('answers a question that has an answer for this by itself, and others with the next line', async () => {
    const input = new PassThrough();
    const console = new PlainConsole(input, new PassThrough());
    const prompt = new Prompt(() => console);
    input.end('the next line\n');
    expect(await prompt.ask('Leave it? (yes/no) ', 'yes')).toBe('yes');
    expect(await prompt.ask('Your name: ')).toBe('the next line');
    console.close();
  });
});
