/**
 * The libraries in another project: packed, installed into an empty project, and run by the machine's own Node, with `import`
 * and with `require`. Each copy reads what the others made.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folder, longTest, onlyInFullRun, optional, runChild, temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Made, makeAll, type Report, readAll } from '../conformance/conformance.ts';
import { libraries } from '../conformance/libraries.ts';
import { bundleForNode } from '../support/bundle.ts';
import { installByNpm, installOffline } from '../support/consumer.ts';
import { machineEnvironment, machineNode, requiresModules } from '../support/machine.ts';
import { type PackedLibrary, packLibraries } from '../support/published-library.ts';

const entry = join(import.meta.dirname, '../conformance/main-node.ts');

let folder: Folder;
let packed: readonly PackedLibrary[];
/** Made by the workspace's sources under this Node. */
let made: Made;
beforeAll(async () => {
  folder = temporaryFolder();
  packed = await packLibraries(join(folder.path, 'tarballs'));
  made = await makeAll(libraries);
});
afterAll(() => folder[Symbol.asyncDispose]());

async function runProgram(path: string, given: Readonly<Record<string, Made>>): Promise<Report> {
  await writeFile(`${path}.json`, JSON.stringify(given));
  const { code, out, err } = await runChild(machineNode, [path, `${path}.json`], { env: machineEnvironment() });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const ways = [
  { way: 'unpacked', install: installOffline, suite: describe },
  { way: 'installed by npm', install: installByNpm, suite: onlyInFullRun('the libraries installed by npm') },
];

optional('a Node of the machine itself, 20.19 or later', requiresModules)('the libraries', () => {
  for (const { way, install, suite } of ways) {
    suite(way, () => {
      longTest('work with `import` and `require`, and read what each other and the workspace made', async () => {
        const project = join(folder.path, way.replaceAll(' ', '-'));
        await install(project, packed);
        const program = { entry, folder: project, name: 'conformance' };
        const [importing, requiring] = [await bundleForNode(program, 'esm'), await bundleForNode(program, 'cjs')];
        const imported = await runProgram(importing.path, { workspace: made });
        const required = await runProgram(requiring.path, { workspace: made, import: imported.made });
        await readAll(libraries, imported.made);
        await readAll(libraries, required.made);
        expect([...imported.failed, ...required.failed]).toEqual([]);
        expect(required.passed.length).toBe(imported.passed.length + Object.keys(libraries).length);
        for (const { inputs } of [importing, requiring]) {
          expect(inputs.filter((path) => /\/(src|dist)\//.test(path))).toEqual([]);
        }
      });
    });
  }
});
