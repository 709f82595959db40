/** The size of each library in a browser: the READMEs state the measured sizes, and a bundle holds only what it uses. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Folder } from '@chat/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleForBrowser } from '../support/bundle.ts';
import { temporaryProject } from '../support/consumer.ts';
import { portableLibraries, sourceFolder } from '../support/published-library.ts';

/** One import, as the README's table names it, and texts of the library that its bundle must not contain. */
interface Use {
  readonly use: string;
  readonly code: string;
  readonly without: readonly string[];
}

function importing(name: string, use: string, without: readonly string[]): Use {
  return { use: `\`${use}\``, code: `import { ${use} } from '@chat/${name}'; globalThis.used = ${use};`, without };
}

const uses: Readonly<Record<(typeof portableLibraries)[number], Use>> = {
  fernet: importing('fernet', 'Fernet', ['decryptStream', 'MultiFernet']),
  signatures: importing('signatures', 'importVerifier', [
    'safety number',
    'expired-challenge',
    'ENCRYPTED PRIVATE KEY',
  ]),
  'ecdh-hub': importing('ecdh-hub', 'getKeyFromHub', [
    'no-key',
    'ecdh-hub epoch',
    'ecdh-hub link',
    'invalid-announcement',
  ]),
};

let project: Folder;
beforeAll(async () => {
  project = await temporaryProject();
});
afterAll(() => project[Symbol.asyncDispose]());

async function bundled(name: string, code: string): Promise<Bundle> {
  const entry = join(project.path, `${name}.js`);
  await writeFile(entry, code);
  return bundleForBrowser({ entry, project: project.path, folder: join(project.path, 'bundles'), name });
}

/** Returns sizes in bytes: uncompressed, with gzip and with Brotli. */
function sizesOf(code: string): readonly number[] {
  return [Buffer.byteLength(code), gzipSync(code).length, brotliCompressSync(code).length];
}

describe.each(portableLibraries)('@chat/%s', (name) => {
  const { use, code, without } = uses[name];
  let everything: Bundle;
  let part: Bundle;
  beforeAll(async () => {
    everything = await bundled(`${name}-everything`, `export * from '@chat/${name}';`);
    part = await bundled(`${name}-part`, code);
  });

  test('is bundled with the portable backend and without Node modules', () => {
    const own = everything.inputs.filter((path) => path.includes(`@chat/${name}/`));
    expect(own.some((path) => path.endsWith('dist/backend/portable.js'))).toBe(true);
    expect(own.some((path) => path.endsWith('native.js'))).toBe(false);
    expect(everything.code).not.toContain('node:');
  });

  test('has the sizes that the README states, within 5 %', async () => {
    const readme = await readFile(join(sourceFolder(name), 'README.md'), 'utf8');
    for (const [what, bundle] of [['everything', everything] as const, [use, part] as const]) {
      const sizes = sizesOf(bundle.code);
      const today = `| ${[what, ...sizes.map((bytes) => `${(bytes / 1000).toFixed(1)} kB`)].join(' | ')} |`;
      const cells = readme.match(new RegExp(`^\\| ${what} +(\\|.*\\d kB.*)$`, 'm'))?.[1] ?? '';
      const stated = [...cells.matchAll(/([\d.]+) kB/g)].map(([, figure]) => 1000 * Number(figure));
      expect(stated, `the README should say ${today}`).toHaveLength(3);
      for (const [i, bytes] of sizes.entries()) {
        expect(Math.abs((stated[i] ?? 0) / bytes - 1), `the README should say ${today}`).toBeLessThan(0.05);
      }
    }
  });

  test(`holds with ${use} only what that uses, and nothing for an unused import`, async () => {
    for (const text of without) {
      expect(everything.code).toContain(text);
      expect(part.code).not.toContain(text);
    }
    expect((await bundled(`${name}-nothing`, `import * as unused from '@chat/${name}';`)).code.trim()).toBe('');
  });
});
