/** The libraries' types in another project: the programs of `conformance` compile under each kind of module resolution. */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Folder, onlyInFullRun, runChild } from '@chat/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryProject } from '../support/consumer.ts';

const root = join(import.meta.dirname, '../..');
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** As `.cts` it compiles to `require`, as `.mts` to imports. */
const sample = `
import { Fernet } from '@chat/fernet';
import { generateSigner } from '@chat/signatures';
import { getPublicKey } from '@chat/signatures/node';
import { clientCreateKeys } from '@chat/ecdh-hub';
import { createCA } from '@chat/mini-ca';
export const texts: string[] = [
  new Fernet(Fernet.generateKey()).encrypt('text'),
  generateSigner().fingerprint,
  getPublicKey('path'),
  clientCreateKeys().suite,
  createCA().certificate,
];
// @ts-expect-error: without types this line would be no error
export const token: number = new Fernet(Fernet.generateKey()).encrypt('text');
`;

const forNode = { lib: ['es2023'], types: ['node'] };
const forBrowsers = { lib: ['es2023', 'dom'], types: [] };
const cases = [
  { file: 'test/conformance/main-node.ts', module: 'nodenext', ...forNode },
  { file: 'test/conformance/main-node.ts', module: 'preserve', ...forNode },
  { file: 'test/conformance/main-browser.ts', module: 'preserve', ...forBrowsers },
  { file: 'sample.mts', module: 'node16', ...forNode },
  { file: 'sample.cts', module: 'nodenext', ...forNode },
];

onlyInFullRun('programs in TypeScript that use the packed libraries')('programs in TypeScript', () => {
  let project: Folder;
  const path = (name: string) => join(project.path, name);
  beforeAll(async () => {
    project = await temporaryProject();
    await writeFile(path('package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
    await mkdir(path('node_modules/@types'));
    await symlink(join(root, 'node_modules/@types/node'), path('node_modules/@types/node'), 'junction');
    for (const part of ['test/conformance', 'packages/fernet/test/vectors']) {
      await cp(join(root, part), path(part), { recursive: true });
    }
    for (const name of ['sample.mts', 'sample.cts']) await writeFile(path(name), sample);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test.each(cases)('compile: $file, module $module, $lib', async ({ file, ...options }) => {
    const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };
    const compilerOptions = {
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: false,
      ...strict,
      ...options,
    };
    await writeFile(path('tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
    expect(await runChild(process.execPath, [compiler, '-p', project.path])).toMatchObject({ code: 0, out: '' });
  });
});
