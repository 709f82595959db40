import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withRepository } from '../tooling/set-repository.ts';
import { publishedLibraries, sourceFolder } from './support/published-library.ts';

const address = 'https://forge.example/chat/chat';

describe.each(publishedLibraries)('the manifest of @chat/%s', (name) => {
  const manifest = JSON.parse(readFileSync(join(sourceFolder(name), 'package.json'), 'utf8'));
  const directory = `packages/${name}`;

  test('gets the address of the repository, and keeps all other fields', () => {
    const { repository, homepage, bugs, ...others } = withRepository(manifest, address, directory);
    expect(repository).toEqual({ type: 'git', url: 'git+https://forge.example/chat/chat.git', directory });
    expect([homepage, bugs]).toEqual([`${address}/tree/main/${directory}#readme`, `${address}/issues`]);
    const { repository: _, homepage: __, bugs: ___, ...before } = manifest;
    expect(others).toEqual(before);
  });

  test('gets another address in place of the one before', () => {
    const moved = withRepository(withRepository(manifest, 'https://old.example/a/b', directory), address, directory);
    expect(JSON.stringify(moved)).toBe(JSON.stringify(withRepository(manifest, address, directory)));
  });
});
