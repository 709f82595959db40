/** The API reference of the published libraries: `pnpm run docs` builds it from the doc comments. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { onlyInFullRun, runChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { publishedLibraries } from '../support/published-library.ts';

const root = join(import.meta.dirname, '../..');

onlyInFullRun('the API reference of the libraries')('the API reference', () => {
  test('describes each export of each published library', async () => {
    const folder = temporaryFolder();
    const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
    // `typedoc.json` makes an error of each export without a description.
    const { code, err } = await runChild(process.execPath, [typedoc, '--out', folder.path], { cwd: root });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const name of publishedLibraries) await access(join(folder.path, 'modules', `_chat_${name}.html`));
  });
});
