/** Moves the clock of programs by days, by a library in C that is preloaded. */
import { join } from 'node:path';
import { outputOf } from '@chat/testkit';

/** Compiles the library into a folder and returns the environment of a program whose clock is ahead by `days`. */
export async function movedClocks(folder: string): Promise<(days: number) => NodeJS.ProcessEnv> {
  const library = join(folder, 'moved-clock.so');
  const source = join(import.meta.dirname, 'moved-clock.c');
  await outputOf('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  return (days) => ({ LD_PRELOAD: library, MOVED_CLOCK_SECONDS: String(days * 86_400) });
}
