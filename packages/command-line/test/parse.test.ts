/** Parsing of command lines against the table of a program. */
import { CommandLineError, type CommandLineErrorCode, type Program, parseCommandLine } from '@chat/command-line';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const digits = z.string().regex(/^\d+$/).transform(Number);

const program = {
  name: 'tool',
  summary: 'a program.',
  defaultCommand: 'open',
  defaultIsNameless: true,
  commands: {
    open: {
      summary: 'Open.',
      operands: { file: { value: 'FILE', takes: 'a file', schema: z.string().regex(/\./), optional: true } },
      options: {},
    },
    copy: {
      summary: 'Copy.',
      operands: {
        count: { value: 'COUNT', takes: 'a number', schema: digits },
        name: { value: 'NAME', takes: 'a name', schema: z.string(), optional: true },
      },
      options: {
        limit: { value: 'N', takes: 'a number', schema: digits, fallback: '20', environment: 'LIMIT', help: 'Limit.' },
        mark: { value: 'M', takes: 'a mark', schema: z.string(), help: 'Mark.' },
        json: { value: null, help: 'JSON.', environment: 'JSON' },
        follow: { value: null, fallback: true, help: 'Follow.' },
      },
    },
  },
  options: { home: { value: 'DIRECTORY', takes: 'a directory', schema: z.string(), help: 'Home.' } },
  notes: [],
} as const satisfies Program;

/** Returns what a line means, without the texts of its options. */
function parse(...argv: string[]) {
  const parsed = parseCommandLine(program, argv);
  if (parsed.kind !== 'command') return parsed;
  const { given: _, ...others } = parsed;
  return others;
}

function refusal(argv: readonly string[], environment = {}): CommandLineErrorCode {
  try {
    parseCommandLine(program, argv, environment);
  } catch (error) {
    if (error instanceof CommandLineError) return error.code;
  }
  throw new Error(`${JSON.stringify(argv)} was accepted.`);
}

describe('a command line', () => {
  test('without the name of a command runs the default command', () => {
    expect(parse()).toEqual({ kind: 'command', name: 'open', request: {}, common: {} });
    expect(parse('--', 'a.txt', '--home', 'h')).toEqual({
      kind: 'command',
      name: 'open',
      request: { file: 'a.txt' },
      common: { home: 'h' },
    });
    expect(refusal(['open'])).toBe('unknown-command');
  });

  test('says which options stand on it, whatever their variables are', () => {
    const parsed = parseCommandLine(program, ['copy', '3', '--no-follow', '--mark=x', '--home', 'h'], { LIMIT: '5' });
    expect(parsed).toMatchObject({
      given: new Map([
        ['follow', 'false'],
        ['mark', 'x'],
        ['home', 'h'],
      ]),
    });
  });

  test('leaves a switch to its variable, which is true or false', () => {
    const json = (argv: readonly string[], environment: Record<string, string>) =>
      parseCommandLine(program, ['copy', '3', ...argv], environment);
    expect(json([], { JSON: 'true' })).toMatchObject({ request: { json: true } });
    expect(json(['--no-json'], { JSON: 'true' })).toMatchObject({ request: { json: false } });
    expect(refusal(['copy', '3'], { JSON: '1' })).toBe('invalid-value');
  });

  test('has its options before and after the operands, and fallbacks for the others', () => {
    const request = { count: 3, limit: 5, json: true, follow: true };
    expect(parse('copy', '3', '--limit', '5', '--json')).toMatchObject({ name: 'copy', request });
    expect(parse('--json', '--limit=5', 'copy', '3')).toMatchObject({ name: 'copy', request });
    expect(parse('copy', '3')).toMatchObject({ request: { count: 3, limit: 20, json: false, follow: true } });
  });

  test('turns switches on and off', () => {
    for (const off of ['--no-follow', '--follow=false']) {
      expect(parse('copy', '3', off)).toMatchObject({ request: { follow: false } });
    }
    expect(parse('copy', '3', '--no-follow', '--follow=true')).toMatchObject({ request: { follow: true } });
  });

  test('has no options after --', () => {
    expect(parse('copy', '3', '--', '--json')).toMatchObject({ request: { name: '--json', json: false } });
  });

  test('wins over the environment, in which an empty variable counts as not set', () => {
    const limit = (argv: string[], LIMIT: string) => parseCommandLine(program, ['copy', '3', ...argv], { LIMIT });
    expect(limit([], '7')).toMatchObject({ request: { limit: 7 } });
    expect(limit(['--limit', '8'], '7')).toMatchObject({ request: { limit: 8 } });
    expect(limit([], '')).toMatchObject({ request: { limit: 20 } });
  });

  test('with --help or --version asks for nothing else', () => {
    expect(parse('copy', '--help')).toEqual({ kind: 'help', command: 'copy' });
    expect(parse('-h', 'copy', 'x', '--frob')).toEqual({ kind: 'help', command: 'copy' });
    expect(parse('a.txt', '--help')).toEqual({ kind: 'help', command: null });
    expect(parse('--version')).toEqual({ kind: 'version' });
    expect(parse('copy', '--frob', '--version')).toEqual({ kind: 'version' });
    expect(parse('--version', 'copy', '--help')).toEqual({ kind: 'help', command: 'copy' });
    expect(parse('--help', '--version')).toEqual({ kind: 'help', command: null });
  });

  test('accepts a lone - as an operand', () => {
    expect(parse('copy', '3', '-')).toMatchObject({ request: { name: '-' } });
  });

  test.each([
    ['unknown-command', ['copi', '3']],
    ['unknown-command', ['constructor']],
    ['unknown-option', ['copy', '3', '--frob']],
    ['unknown-option', ['copy', '3', '-x']],
    ['unknown-option', ['copy', '3', '--no-limit']],
    ['unknown-option', ['copy', '3', '--no-help']],
    ['unknown-option', ['--no-version']],
    ['unknown-option', ['copy', '3', '--constructor']],
    ['unknown-option', ['--limit', '3']],
    ['missing-operand', ['copy']],
    ['invalid-value', ['copy', 'x']],
    ['invalid-value', ['copy', '3', '--limit']],
    ['invalid-value', ['copy', '3', '--limit', 'x']],
    ['invalid-value', ['copy', '3', '--mark', '--json']],
    ['invalid-value', ['copy', '3', '--json=yes']],
    ['invalid-value', ['copy', '3', '--no-json=true']],
    ['unexpected-operand', ['copy', '3', 'name', 'surplus']],
  ] as const)('is refused as %s: %j', (code, argv) => {
    expect(refusal(argv)).toBe(code);
  });

  test('is refused for a wrong value in the environment', () => {
    expect(refusal(['copy', '3'], { LIMIT: 'x' })).toBe('invalid-value');
  });
});
