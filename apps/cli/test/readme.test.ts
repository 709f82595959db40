/** The README of the client names every command that the program has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneShots } from '../src/one-shot/table.ts';
import { FakeClient } from './support/fake-client.ts';
import { setUp } from './support/typing.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
/** The starts of the README's code: `/join NAME` gives `/join`, and `chat join ROOM` gives `chat join`. */
const documented = new Set([...readme.matchAll(/`(\/\w+|chat [\w-]+)/g)].map(([, command]) => command));

describe('README.md', () => {
  test('names every slash command that /help lists', async () => {
    const { type, shown } = setUp(new FakeClient());
    await type('/help');
    const commands = [...(shown.at(-1) ?? '').matchAll(/^\/\w+/gm)].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(10);
    expect([...documented]).toEqual(expect.arrayContaining(commands));
  });

  test('names every command for scripts', () => {
    const commands = Object.keys(oneShots).map((name) => `chat ${name}`);
    expect([...documented]).toEqual(expect.arrayContaining(commands));
  });
});
