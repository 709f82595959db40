/** The first signal asks the process to stop; the second one ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

test.skipIf(process.platform === 'win32').each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGTERM'],
] as const)('%s is reported, and %s after it ends the process at once', async (first, second) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./support/slow-to-stop.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(String((await once(child.stdout, 'data'))[0])).toBe('ready\n');
  child.kill(first);
  expect(String((await once(child.stdout, 'data'))[0])).toBe(`${first}\n`);
  child.kill(second);
  expect(await once(child, 'exit')).toEqual([null, second]);
});
