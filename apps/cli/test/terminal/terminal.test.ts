/** The line editor on a terminal. */
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Keyboard } from '../../src/terminal/keyboard.ts';
import { Terminal } from '../../src/terminal/terminal.ts';

function setUp() {
  let raw = false;
  let interrupts = 0;
  const source = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: (mode: boolean) => {
      raw = mode;
    },
  });
  const screen = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 40, rows: 10 });
  const terminal = new Terminal({
    keyboard: new Keyboard(source as unknown as ReadStream),
    output: screen as unknown as WriteStream,
    interrupted: () => {
      interrupts += 1;
    },
  });
  return {
    terminal,
    type: (keys: string) => source.write(keys),
    written: () => String(screen.read() ?? ''),
    isRaw: () => raw,
    interrupts: () => interrupts,
  };
}

// Node edits no lines on a terminal of the type `dumb`, which the tests may run on.
beforeAll(() => void vi.stubEnv('TERM', 'xterm'));
afterAll(() => void vi.unstubAllEnvs());

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a terminal', () => {
  test('never shows a secret, and keeps it out of the history', async () => {
    const { terminal, type, written } = setUp();
    const secret = terminal.read({ kind: 'secret', prompt: 'Password: ' });
    type('hunter2');
    await settle();
    terminal.print('meanwhile');
    type('\r');
    await expect(secret).resolves.toBe('hunter2');

    const line = terminal.read({ kind: 'compose', prompt: '> ' });
    type('\u001b[A\u001b[A');
    await settle();
    type('x\r');
    await expect(line).resolves.toBe('x');
    expect(written()).not.toContain('hunter');
    terminal.close();
  });

  test('calls for another room at Alt-A, and leaves what the user has typed as it is', async () => {
    const { terminal, type } = setUp();
    let jumps = 0;
    const line = terminal.read({ kind: 'compose', prompt: '> ', jump: () => (jumps += 1) });
    type('dr');
    type('\u001ba');
    await settle();
    expect(jumps).toBe(1);
    type('aft\r');
    await expect(line).resolves.toBe('draft');
    type('\u001ba');
    await settle();
    expect(jumps).toBe(1);
    terminal.close();
  });

  test('prints above the line that the user is typing and draws the line again', async () => {
    const { terminal, type, written } = setUp();
    const line = terminal.read({ kind: 'compose', prompt: '> ' });
    type('half a li');
    await settle();
    written();
    terminal.print('news');
    const drawn = written();
    expect(drawn.indexOf('news\n')).toBeGreaterThanOrEqual(0);
    expect(drawn.lastIndexOf('> half a li')).toBeGreaterThan(drawn.indexOf('news\n'));
    type('ne\r');
    await expect(line).resolves.toBe('half a line');
    terminal.close();
  });

  test('changes the prompt of a composed line, but not of a question', async () => {
    const { terminal, type, written } = setUp();
    const line = terminal.read({ kind: 'compose', prompt: '> ' });
    type('half');
    await settle();
    written();
    terminal.setPrompt('[room] > ');
    terminal.print('news');
    expect(written()).toMatch(/\[room\] > half[\s\S]*news\n[\s\S]*\[room\] > half/);
    type('\r');
    await expect(line).resolves.toBe('half');
    const question = terminal.read({ kind: 'question', prompt: 'Name: ' });
    terminal.setPrompt('[room] > ');
    expect(written()).not.toContain('[room]');
    type('x\r');
    await question;
    terminal.close();
  });

  test('has composed lines in its history, but no answers', async () => {
    const { terminal, type } = setUp();
    const said = terminal.read({ kind: 'compose', prompt: '> ' });
    type('said\r');
    await said;
    const answer = terminal.read({ kind: 'question', prompt: '? ' });
    type('answer\r');
    await answer;
    const again = terminal.read({ kind: 'compose', prompt: '> ' });
    type('\u001b[A');
    await settle();
    type('\r');
    await expect(again).resolves.toBe('said');
    terminal.close();
  });

  test('keeps lines that were typed ahead, and hides them until they are read', async () => {
    const { terminal, type, written } = setUp();
    const first = terminal.read({ kind: 'question', prompt: 'Name: ' });
    type('alice\rsecret one\rsecret one\rtail');
    await expect(first).resolves.toBe('alice');
    await expect(terminal.read({ kind: 'secret', prompt: 'P: ' })).resolves.toBe('secret one');
    await expect(terminal.read({ kind: 'secret', prompt: 'P: ' })).resolves.toBe('secret one');
    expect(written()).not.toContain('secret');
    const last = terminal.read({ kind: 'compose', prompt: '> ' });
    type('!\r');
    await expect(last).resolves.toBe('tail!');
    terminal.close();
  });

  test('reads a paste as one message', async () => {
    const { terminal, type } = setUp();
    const line = terminal.read({ kind: 'compose', prompt: '> ' });
    type('\u001b[200~one\r\ntwo\u001b[201~');
    await settle();
    type('\r');
    await expect(line).resolves.toBe('one\ntwo');
    terminal.close();
  });

  test('completes a word at the Tab key, and lists what it may be', async () => {
    const { terminal, type, written } = setUp();
    const complete = (line: string) => {
      const [part = ''] = /\S*$/.exec(line) ?? [];
      if (!line.startsWith('/')) return null;
      return { part, candidates: ['/reply ', '/remove ', '/role '].filter((each) => each.startsWith(part)) };
    };
    const read = () => terminal.read({ kind: 'compose', prompt: '> ', complete });
    const first = read();
    type('/r');
    type('\t');
    await settle();
    expect(written()).toMatch(/\/reply {2}\/remove {2}\/role\n.*> \/r/);
    type('e');
    type('p');
    type('\t');
    await settle();
    type('12\r');
    await expect(first).resolves.toBe('/reply 12');
    const none = read();
    type('/x');
    type('\t');
    await settle();
    type('\r');
    await expect(none).resolves.toBe('/x');
    const text = read();
    type('a');
    type('\t');
    await settle();
    type('b\r');
    await expect(text).resolves.toBe('a\tb');
    const pasted = read();
    type('\u001b[200~/rep\t1\u001b[201~');
    await settle();
    type('\r');
    await expect(pasted).resolves.toBe('/rep\t1');
    terminal.close();
  });

  test('takes the Tab key as a character of a password', async () => {
    const { terminal, type, written } = setUp();
    const secret = terminal.read({ kind: 'secret', prompt: 'P: ' });
    for (const key of ['/r', '\t', 'x', '\r']) type(key);
    await expect(secret).resolves.toBe('/r\tx');
    expect(written()).not.toContain('x');
    terminal.close();
  });

  test('reports Ctrl-C, ends at Ctrl-D, and restores the terminal', async () => {
    const { terminal, type, isRaw, interrupts, written } = setUp();
    expect(isRaw()).toBe(true);
    type('\u0003');
    await settle();
    expect(interrupts()).toBe(1);
    const line = terminal.read({ kind: 'compose', prompt: '> ' });
    type('\u0004');
    await expect(line).resolves.toBeNull();
    terminal.close();
    expect(isRaw()).toBe(false);
    expect(written()).toContain('\u001b[?2004l');
    await expect(terminal.read({ kind: 'question', prompt: '? ' })).resolves.toBeNull();
  });
});
