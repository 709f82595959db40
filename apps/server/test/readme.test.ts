/** The README of the server names every command, option and environment variable that the program has, but the limits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../src/config/program.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
const commands = Object.entries(program.commands);

test.each(commands)('README.md names the command %s and its options', (name, { options }) => {
  expect(readme).toMatch(new RegExp(`(server|start|\`) ?${name}\\b`));
  // docs/configuration.md has the limits, which the help lists in sections of their own.
  const own = Object.entries<object>(options).filter(([, definition]) => !('section' in definition));
  const named = own.flatMap(([option, definition]) => [
    `--${option}`,
    ...('environment' in definition ? [`\`${definition.environment}\``] : []),
  ]);
  for (const text of named) expect(readme).toContain(text);
});
