/** When the program begins to open the identity key before it is loaded. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { earlyUnlock } from '../src/early-unlock.ts';

let variables: NodeJS.ProcessEnv;

/** Returns true if it begins. The file is no key, so that nothing is derived. */
const begins = (argv: readonly string[], others: NodeJS.ProcessEnv = {}): boolean =>
  earlyUnlock(argv, { ...variables, ...others }, '/nowhere') !== null;

beforeEach(() => {
  const home = join(temporaryFolder().path, 'home');
  mkdirSync(join(home, 'alice@1111'), { recursive: true });
  writeFileSync(join(home, 'alice@1111', 'identity.pem'), 'not a key');
  variables = { CHAT_HOME: home, CHAT_USER: 'alice', CHAT_PASSWORD: 'password' };
});

test('begins with the password in the environment', () => {
  expect(begins(['send', 'lobby', '-', '--json'])).toBe(true);
  expect(begins([])).toBe(true);
  expect(begins([], { CHAT_USER: '' })).toBe(true);
  expect(begins(['rooms'], { CHAT_PASSWORD: '' })).toBe(false);
});

test('reads no password file, because a pipe can be read once only', () => {
  expect(begins(['rooms'], { CHAT_PASSWORD_FILE: '/dev/fd/63' })).toBe(false);
  expect(begins(['rooms', '--password-file', 'x'])).toBe(false);
  expect(begins(['rooms', '--password-file=x'])).toBe(false);
});

test('does not begin if the command line chooses the profile, or needs none', () => {
  for (const option of ['--home', '--user', '--server']) expect(begins(['rooms', option, 'x']), option).toBe(false);
  expect(begins(['rooms', '--user=bob'])).toBe(false);
  expect(begins(['enrol', 'chat://localhost:9998'])).toBe(false);
  expect(begins(['completion', 'bash'])).toBe(false);
  expect(begins(['rooms', '--help'])).toBe(false);
  expect(begins(['--version'])).toBe(false);
});
