/** The command line of `chat`. */

import { helpOf } from '@chat/command-line';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../src/arguments.ts';
import { program } from '../src/program.ts';

const ca = 'ab'.repeat(32);

describe('the command line', () => {
  test('opens the chat without words', () => {
    expect(parseArguments([])).toEqual({
      ...{ kind: 'interactive', line: null, full: false, offersRecovery: true },
      options: {},
    });
    expect(parseArguments(['--full'])).toMatchObject({ kind: 'interactive', full: true });
    expect(parseArguments(['--no-recovery'])).toMatchObject({ kind: 'interactive', offersRecovery: false });
  });

  test('accepts an invitation line, also after the separator of a package manager', () => {
    const line = { host: 'example.org', port: 9998, fingerprint: ca, invitation: 'AAAA' };
    expect(parseArguments(['--', `chat://example.org:9998#${ca}.AAAA`])).toMatchObject({ kind: 'interactive', line });
    expect(parseArguments(['--', '--version'])).toEqual({ kind: 'version' });
    expect(parseArguments(['localhost', '--user', 'alice'])).toMatchObject({
      line: { host: 'localhost', port: 9998 },
      options: { user: 'alice' },
    });
  });

  test('knows the commands, with options before and after the words', () => {
    expect(parseArguments(['--user', 'alice', 'send', 'lobby', '-', '--json'])).toMatchObject({
      kind: 'one-shot',
      options: { user: 'alice' },
    });
    for (const off of ['--no-follow', '--follow=false']) {
      expect(parseArguments(['tail', 'lobby', off, '--limit', '5']).kind).toBe('one-shot');
    }
    expect(parseArguments(['send', 'lobby', '--', '--follow=false']).kind).toBe('one-shot');
  });

  test('asks for help or the version wherever these stand', () => {
    expect(parseArguments(['send', '--help'])).toEqual({ kind: 'text', text: helpOf(program, 'send') });
    expect(parseArguments(['-h'])).toEqual({ kind: 'text', text: helpOf(program, null) });
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
    expect(parseArguments(['completion', 'bash'])).toEqual({
      kind: 'text',
      text: expect.stringMatching(/^# .*complete -F _chat chat$/s),
    });
    expect(parseArguments(['--version', '--help'])).toEqual({ kind: 'text', text: helpOf(program, null) });
  });

  test.each([
    [['sned', 'lobby', 'hi']],
    [['sned']],
    [['--colour']],
    [['--no-help']],
    [['create', 'lobby', 'closed']],
    [['--user']],
    [['send']],
    [['send', 'lobby', 'two', 'words']],
    [['send', 'Lobby', 'hi']],
    [['send', 'lobby', 'hi', '--timeout', '-1']],
    [['send', 'lobby', 'hi', '--timeout', '0']],
    [['send', 'lobby', 'hi', '--limit', '3']],
    [['tail', 'lobby', '--limit', '101']],
    [['tail', 'lobby', '--json=yes']],
    [['enrol', 'chat://host#nonsense']],
    [['chat://host:99999']],
    [['localhost', 'surplus']],
    [['send', 'lobby', '--password', 'secret']],
  ])('refuses %j', (argv) => {
    expect(thrownCode(() => parseArguments(argv))).toBe('usage');
  });
});

describe('help', () => {
  const commands = Object.keys(program.commands) as (keyof typeof program.commands)[];

  test.each([null, ...commands])('of %s fits into 80 columns', (command) => {
    for (const line of helpOf(program, command).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('of a command has its own and the common options, with their variables', () => {
    const help = helpOf(program, 'tail').replace(/\s+/g, ' ');
    for (const part of ['ROOM', '--limit N', 'Default: 20.', '--no-follow', '--json', '--user NAME', 'CHAT_USER'])
      expect(help).toContain(part);
  });
});
