/** Opens the console for the streams of a run. */
import type { WriteStream } from 'node:tty';
import type { RunContext } from '../run-context.ts';
import type { Console } from './console.ts';
import { Keyboard } from './keyboard.ts';
import { PlainConsole } from './plain.ts';
import { Terminal } from './terminal.ts';

/**
 * Opens a line editor when input and output are terminals, else plain streams. The console closes when the run is stopped.
 *
 * @param output where prompts and text are printed
 */
export function openConsole({ stdin, stop }: Pick<RunContext, 'stdin' | 'stop'>, output: WriteStream): Console {
  const console =
    stdin.isTTY && output.isTTY
      ? new Terminal({ keyboard: new Keyboard(stdin), output, interrupted: () => stop.abort() })
      : new PlainConsole(stdin, output);
  stop.signal.addEventListener('abort', () => console.close(), { once: true });
  return console;
}
