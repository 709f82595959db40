/** Help texts that are made from the table of a program. */
import { helpOf, type Program } from '@chat/command-line';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const program = {
  name: 'tool',
  summary: 'a program.',
  defaultCommand: 'open',
  commands: {
    open: {
      summary: 'Open.',
      operands: {},
      options: { wide: { value: null, help: 'Wide.' }, rare: { value: null, help: 'Rare.', section: 'More' } },
    },
    copy: {
      summary: `Copy ${'many files '.repeat(20)}.`,
      operands: {
        from: { value: 'FROM', takes: 'a file', schema: z.string() },
        to: { value: 'TO', takes: 'a file', schema: z.string(), optional: true },
        mode: { value: 'MODE', takes: 'a mode', schema: z.string(), optional: true },
        more: { value: 'MODE', takes: 'a mode', schema: z.string(), optional: true },
      },
      options: {
        limit: {
          value: 'N',
          takes: 'a number',
          schema: z.string(),
          fallback: '20',
          environment: 'LIMIT',
          help: `The most ${'files '.repeat(30)}.`,
        },
        follow: { value: null, fallback: true, help: 'Do not follow.' },
        'a-very-long-name-of-a-rate': { value: null, help: 'A rate.', section: 'Rates', environment: 'RATE' },
      },
    },
  },
  options: { home: { value: 'DIRECTORY', takes: 'a directory', schema: z.string(), help: 'Home.' } },
  notes: ['A note.'],
} as const satisfies Program;

describe('help', () => {
  test.each([null, 'open', 'copy'] as const)('of %s fits into 80 columns', (command) => {
    for (const line of helpOf(program, command).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('of the program has every command, the options of the default command and the common ones', () => {
    const help = helpOf(program, null);
    for (const part of [
      'tool [options]',
      'tool copy FROM [TO] [MODE] [MODE] [--limit N] [--no-follow]',
      '--wide',
      '--home',
      'A note.',
    ])
      expect(help).toContain(part);
    expect(help).not.toMatch(/LIMIT|--rare/);
    expect(help).toContain('"tool open --help" has more options: More.');
  });

  test('of a command has its operands, its options with default and variable, and the common options', () => {
    const help = helpOf(program, 'copy').replace(/\s+/g, ' ');
    for (const part of [
      'FROM A file.',
      '--limit N',
      'Default: 20. Variable: LIMIT.',
      '--no-follow',
      'Rates: --a-very-long-name-of-a-rate A rate. Variable: RATE.',
      '--home',
      '--help',
    ])
      expect(help).toContain(part);
    expect(help).not.toContain('--wide');
    expect(help.match(/MODE A mode\./g)).toHaveLength(1);
  });
});
