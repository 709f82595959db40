/** The first signal asks the process to stop; the second one ends it. */
import { fileURLToPath } from 'node:url';
import { startChild } from '@chat/testkit';
import { expect, test } from 'vitest';

test.skipIf(process.platform === 'win32').each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGTERM'],
] as const)('%s is reported, and %s after it ends the process at once', async (first, second) => {
  const program = fileURLToPath(new URL('./support/slow-to-stop.ts', import.meta.url));
  const child = startChild(process.execPath, [program]);
  await child.prints(/^ready\n$/);
  void child.kill(first);
  await child.prints(new RegExp(`^ready\n${first}\n$`));
  expect(await child.kill(second)).toMatchObject({ code: null, signal: second });
});
