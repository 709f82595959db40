/** A disk that fails, is full, or takes less than it is given, for one process: a library that the process preloads. */
import { join } from 'node:path';
import { outputOf } from '@chat/testkit';

/** Compiles the library into a folder. Returns the environment of a process with that disk, and the files that switch the faults on. */
export async function failingDisk(folder: string) {
  const library = join(folder, 'failing-disk.so');
  await outputOf('cc', ['-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'failing-disk.c')]);
  const switches = { failing: join(folder, 'failing'), full: join(folder, 'full'), short: join(folder, 'short') };
  const { failing, full, short } = switches;
  const environment = { LD_PRELOAD: library, FAILING_DISK: failing, FULL_DISK: full, SHORT_WRITES: short };
  return { ...switches, environment };
}
