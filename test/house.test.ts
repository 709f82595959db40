import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('no source file is longer than 300 lines: that would be two ideas', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = files.trim().split('\n');
  expect(paths.length).toBeGreaterThan(300);
  const long = paths.filter((path) => readFileSync(join(root, path), 'utf8').split('\n').length > 301);
  expect(long).toEqual([]);
});
