/** The built package, loaded by its name with `import`, and with `require`, which Node 20.19 or later supports for ES modules. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const built = existsSync(new URL('../dist/index.js', import.meta.url));

const use = `
  const fernet = new Fernet(Fernet.generateKey());
  console.log(fernet.decryptText(fernet.encrypt('loaded')));
`;

describe.skipIf(!built)('the build', () => {
  test.each([
    ['import', 'module', `import { Fernet } from '@chat/fernet';${use}`],
    ['require', 'commonjs', `const { Fernet } = require('@chat/fernet');${use}`],
  ])('loads with %s', (_, type, code) => {
    const args = ['--no-warnings', `--input-type=${type}`, '--eval', code];
    expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8', env: {} }).trim()).toBe('loaded');
  });
});
