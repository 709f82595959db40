/** The workflows for CI and releases run what this repository has, with actions that cannot change under their name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github', 'workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, match]) => match);

  test('pins each action to a commit, with its version beside it', () => {
    const actions = found(/uses: (.+)$/gm);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('runs the full run, and only scripts that exist', () => {
    expect(found(/^ +- run: (\.ci\/run)$/gm)).toEqual(['.ci/run']);
    for (const script of found(/pnpm@12 (?:run )?([\w-]+)/g)) {
      expect(['install', ...Object.keys(scripts)]).toContain(script);
    }
  });

  test('grants no permission for all of its jobs but reading', () => {
    expect(text).toMatch(/^permissions:( \{\}|\n {2}contents: read)\n\n/m);
  });
});
