/**
 * Each TypeScript block of each document is a program: it compiles under strict options, runs, and throws if its claims are wrong.
 * `CHAT_LINE` names a running server. Each command line names scripts that exist.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Folder, outputOf, temporaryFolder } from '@chat/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServerProcess } from './support/server-process.ts';
import { typeErrors } from './support/type-errors.ts';

const root = join(import.meta.dirname, '..');

const documents = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|dist)\//.test(path))
  .sort();

const snippets = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, index) => ({
    document,
    index: index + 1,
    code: match[1] ?? '',
  }));
});

/** Turns off the options of our tsconfig.json that `strict` does not include: a sample must not rely on them either. */
const justStrict = {
  strict: true,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: false,
  noPropertyAccessFromIndexSignature: false,
  noImplicitOverride: false,
  noImplicitReturns: false,
  verbatimModuleSyntax: false,
  isolatedModules: false,
  erasableSyntaxOnly: false,
};

describe('documents', () => {
  const folders = new Map<string, string>();
  const folderFor = (document: string) => {
    const parent = dirname(join(root, document));
    const folder = folders.get(parent) ?? mkdtempSync(join(parent, '.snippets-'));
    folders.set(parent, folder);
    return folder;
  };
  const fileOf = ({ document, index }: (typeof snippets)[number]) =>
    join(folderFor(document), `${basename(document, '.md')}-${index}.ts`);
  beforeAll(() => {
    for (const snippet of snippets) writeFileSync(fileOf(snippet), snippet.code);
  });
  afterAll(() => {
    for (const folder of folders.values()) rmSync(folder, { recursive: true });
  });

  test('of each library have snippets', () => {
    const withSnippets = new Set(snippets.map(({ document }) => document));
    for (const name of ['fernet', 'signatures', 'ecdh-hub', 'mini-ca']) {
      expect(withSnippets).toContain(`packages/${name}/README.md`);
    }
  });

  test('have snippets without type errors, with our options and with only those of a strict project', () => {
    const files = snippets.map(fileOf);
    expect(typeErrors(files)).toEqual([]);
    expect(typeErrors(files, justStrict)).toEqual([]);
  });

  describe('beside a server', () => {
    let data: Folder;
    let server: ServerProcess;
    beforeAll(async () => {
      data = temporaryFolder();
      server = await ServerProcess.start(join(data.path, 'server'));
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    });

    test.concurrent.each(snippets)('$document, snippet $index runs', async (snippet) => {
      const file = fileOf(snippet);
      const env = { ...process.env, CHAT_LINE: server.text, TMPDIR: data.path };
      await outputOf(process.execPath, ['--conditions=@chat/source', '--no-warnings', file], {
        cwd: dirname(file),
        env,
      });
    });
  });

  test('show only commands that exist', () => {
    const scripts = (folder: string) =>
      Object.keys(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts);
    const commands = documents.flatMap((document) => {
      const text = readFileSync(join(root, document), 'utf8');
      const code = [...text.matchAll(/^```sh\n([\s\S]*?)^```$|`([^`\n]+)`/gm)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
      return code.flatMap((lines) =>
        [...lines.matchAll(/pnpm(?:@12)? (?:--filter (\w+) )?(?:run )?(\w+)/g)].map((match) => ({
          document,
          folder: match[1] === undefined ? '.' : `apps/${match[1]}`,
          script: match[2],
        })),
      );
    });
    expect(commands.length).toBeGreaterThan(5);
    for (const { document, folder, script } of commands) {
      if (script === 'install') continue;
      expect(scripts(folder), `${document}: pnpm ${script}`).toContain(script);
    }
  });
});
