/** The README of the client names every command that the program has; documents and sentences name no other slash command. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bindings } from '../src/full-screen/keys.ts';
import { oneShots } from '../src/one-shot/table.ts';
import { FakeClient } from './support/fake-client.ts';
import { setUp } from './support/typing.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
/** The starts of the README's code: `/join NAME` gives `/join`, and `chat join ROOM` gives `chat join`. */
const documented = new Set([...readme.matchAll(/`(\/\w+|chat [\w-]+)/g)].map(([, command]) => command));

async function slashCommands(): Promise<readonly string[]> {
  const { type, shown } = setUp(new FakeClient());
  await type('/help');
  return [...(shown.at(-1) ?? '').matchAll(/^\/\w+/gm)].map(([command]) => command);
}

/** The paths at which the server answers programs that watch it. Documents name them as they name commands. */
const servedPaths = new Set(
  [
    ...readFileSync(join(repository, 'apps/server/src/observability/observability.ts'), 'utf8').matchAll(
      /'(\/[a-z]+)':/g,
    ),
  ].map(([, path]) => path),
);

/** Returns the slash commands that the files name: after these words or characters a slash begins no path. */
function namedIn(patterns: readonly string[]): readonly string[] {
  const texts = globSync(patterns, { cwd: repository }).map((path) => readFileSync(join(repository, path), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:[:,|(]|type|and|then|or) (\/[a-z]+)\b(?!\/)|`(\/[a-z]+)\b(?!\/)/g)].map(
      ([, after, quoted]) => after ?? quoted ?? '',
    ),
  );
}

describe('README.md', () => {
  test('names every slash command that /help lists', async () => {
    const commands = await slashCommands();
    expect(commands.length).toBeGreaterThan(10);
    expect([...documented]).toEqual(expect.arrayContaining([...commands]));
  });

  test('names every command for scripts', () => {
    const commands = Object.keys(oneShots).map((name) => `chat ${name}`);
    expect([...documented]).toEqual(expect.arrayContaining(commands));
  });

  test('names every key of the full screen with what it does', () => {
    const rows = [...readme.matchAll(/^\| ([^`|]+?) +\| ([^|]+?) +\|$/gm)].map(([, key, what]) => `${key}: ${what}`);
    expect(rows).toEqual(expect.arrayContaining(bindings.map(({ label, summary }) => `${label}: ${summary}`)));
  });

  test('names every kind of event that `chat tail --json` prints', () => {
    const types = ['client/src/events.ts', 'room/src/event.ts'].map((path) =>
      readFileSync(join(repository, 'packages', path), 'utf8'),
    );
    const kinds = [...types.join('\n').matchAll(/kind: ('[a-z-]+'(?: \| '[a-z-]+')*)/g)].flatMap(([, names = '']) =>
      [...names.matchAll(/[a-z-]+/g)].map(([kind]) => kind),
    );
    const rows = [...readme.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind),
    );
    expect(kinds.length).toBeGreaterThan(30);
    expect(rows).toEqual(expect.arrayContaining(kinds.filter((kind) => kind !== 'room')));
  });
});

describe('the program', () => {
  test.each([
    ['documents', ['README.md', 'SECURITY.md', 'docs/*.md', 'apps/server/README.md', 'packages/client/README.md']],
    ['sentences', ['apps/cli/src/**/*.ts', 'packages/{client,room}/src/**/*.ts']],
  ])('has every slash command that %s name', async (_, patterns) => {
    const named = namedIn(patterns).filter((name) => !servedPaths.has(name));
    expect(servedPaths.size).toBe(3);
    expect(named.length).toBeGreaterThan(5);
    expect(await slashCommands()).toEqual(expect.arrayContaining([...new Set(named)]));
  });
});
