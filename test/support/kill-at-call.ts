/** Programs that are killed at one of their calls that change a file: at each of them, one after the other. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Ended } from '@chat/testkit';
import { expect } from 'vitest';

/** Returns the options with which Node loads a module of this folder into a program, besides what it would load anyway. */
export function optionsLoading(module: string): string {
  const options = `--import=${pathToFileURL(join(import.meta.dirname, module)).href}`;
  return [process.env['NODE_OPTIONS'] ?? '', options].join(' ').trim();
}

/** Returns the environment of a program that is killed at this call, from 1 on. */
export const killedAtCall = (killAt: number): NodeJS.ProcessEnv => ({
  CHAT_KILL_AT_CALL: String(killAt),
  NODE_OPTIONS: optionsLoading('killed-at-call.ts'),
});

/** Which of the calls are tried. */
interface Calls {
  readonly first: number;
  /** 1 for each. */
  readonly stride: number;
}

/** Runs a program with the number of each call until it is not killed any more, and returns that number. */
export async function untilWhole(
  { first, stride }: Calls,
  run: (killAt: number) => PromiseLike<Pick<Ended, 'signal'>>,
): Promise<number> {
  for (let killAt = first; ; killAt += stride) {
    const { signal } = await run(killAt);
    if (signal === 'SIGKILL') continue;
    expect(signal).toBeNull();
    // A program whose calls are not seen would be killed at none.
    expect(killAt).toBeGreaterThan(6);
    return killAt;
  }
}
