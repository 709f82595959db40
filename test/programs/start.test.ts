/** The start of `chat`: the identity key is being opened while the program loads. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSerializedKeys } from '@chat/signatures';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { commandsOf } from '../support/chat-command.ts';

const dist = join(import.meta.dirname, '../../apps/cli/dist');

/** Returns the code of a built file with all that it imports before it runs. */
function loadedBefore(file: string): string {
  const code = readFileSync(join(dist, file), 'utf8');
  const imports = [...code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name = '']) => name);
  return [code, ...imports.map(loadedBefore)].join('\n');
}

test('what is loaded before the key derivation begins has no schemas and no protocol', () => {
  const first = loadedBefore('main.js');
  expect(first).toContain('earlyUnlock');
  expect(first).not.toContain('ZodError');
  expect(first).not.toContain('list-rooms');
  const [, rest = ''] = /import\("\.\/([^"]+)"\)/.exec(first) ?? [];
  expect(loadedBefore(rest)).toContain('ZodError');
});

test('a key that no command asks for, and that does not open, changes nothing', async () => {
  const home = join(temporaryFolder().path, 'home');
  mkdirSync(join(home, 'alice@1111'), { recursive: true });
  writeFileSync(join(home, 'alice@1111', 'identity.pem'), createSerializedKeys('the right one').privatePem);
  const { code, err } = await commandsOf(home, 'alice', 'not it')(['sendd', 'lobby']);
  expect(code).toBe(2);
  expect(err.trim().split('\n')).toHaveLength(1);
});
