/** Which test files have a worker of their own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { isolatedTestFiles } from '../tooling/test-isolation.ts';

/** Returns the isolated files of a repository that has these files. */
function isolatedAmong(files: Readonly<Record<string, string>>): string[] {
  const { path: root } = temporaryFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return isolatedTestFiles(root);
}

const file = 'packages/room/test/apply/any.test.ts';

describe('a test file', () => {
  test.each([
    ["import { expect, vi } from 'vitest';"],
    ["import {\n  expect,\n  test,\n  vi,\n} from 'vitest';"],
    ["process.on('SIGTERM', () => {});"],
    ["process.env['HOME'] = '/';"],
    ['const before = process.memoryUsage();'],
    ["setFlagsFromString('--expose-gc');"],
  ])('has a worker of its own if it contains %j', (text) => {
    expect(isolatedAmong({ [file]: text })).toEqual([file]);
  });

  test('has a worker of its own if a module of tests mocks that it loads, itself or through another one', () => {
    const files = {
      [file]: "import { engine } from '../support/engine.ts';",
      'packages/room/test/support/engine.ts': "export { engine } from './mocked.ts';\nimport './engine.ts';",
      'packages/room/test/support/mocked.ts': "import { vi } from 'vitest';",
      'test/late.test.ts': "const { engine } = await import('../packages/room/test/support/mocked.ts');",
    };
    expect(isolatedAmong(files).sort()).toEqual([file, 'test/late.test.ts']);
  });

  test('shares a worker otherwise, also if the code that it tests touches the process', () => {
    const files = {
      [file]: "import { expect, test } from 'vitest';\nimport { stop } from '../../src/stop.ts';",
      'packages/room/src/stop.ts': "export const stop = () => process.on('SIGTERM', () => {});",
    };
    expect(isolatedAmong(files)).toEqual([]);
  });
});
