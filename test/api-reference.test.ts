/** The API reference of the published libraries: `pnpm reference` builds it from the doc comments. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onlyInFullRun } from '@chat/testkit';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/folder.ts';
import { publishedLibraries } from './support/published-library.ts';

const root = join(import.meta.dirname, '..');

onlyInFullRun('the API reference of the libraries')('the API reference', () => {
  test('has a page for each published library', async () => {
    await using folder = await temporaryFolder();
    const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
    const { stderr } = await promisify(execFile)(process.execPath, [typedoc, '--out', folder.path], { cwd: root });
    expect(stderr).not.toContain('[error]');
    for (const name of publishedLibraries) await access(join(folder.path, 'modules', `_chat_${name}.html`));
  });
});
