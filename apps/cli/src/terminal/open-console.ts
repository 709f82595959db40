/** The console for the streams that a run has. */
import type { WriteStream } from 'node:tty';
import type { Surroundings } from '../run-context.ts';
import type { Console } from './console.ts';
import { Keyboard } from './keyboard.ts';
import { PlainConsole } from './plain.ts';
import { Terminal } from './terminal.ts';

type Needs = Pick<Surroundings, 'stdin' | 'stop'>;

/** A line editor when both ends are a terminal. `output` is where its prompts go. Closed when the run is stopped. */
export function openConsole({ stdin, stop }: Needs, output: WriteStream): Console {
  const console =
    stdin.isTTY && output.isTTY
      ? new Terminal({ keyboard: new Keyboard(stdin), output, interrupted: () => stop.abort() })
      : new PlainConsole(stdin, output);
  stop.signal.addEventListener('abort', () => console.close(), { once: true });
  return console;
}
