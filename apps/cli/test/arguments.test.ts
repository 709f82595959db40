import { describe, expect, test } from 'vitest';
import { parseArguments } from '../src/arguments.ts';
import { codeOf } from '../src/command-error.ts';
import { readEnvironment } from '../src/environment.ts';
import { settingsFrom } from '../src/settings.ts';

const ca = 'ab'.repeat(32);

function refusal(argv: readonly string[]): string | null {
  try {
    parseArguments(argv);
  } catch (error) {
    return codeOf(error);
  }
  return null;
}

describe('the command line', () => {
  test('without words opens the chat', () => {
    expect(parseArguments([])).toEqual({ kind: 'interactive', line: null, options: {} });
  });

  test('takes a line, also after the separator that a package manager leaves', () => {
    const line = { host: 'example.org', port: 9998, fingerprint: ca, invitation: 'AAAA' };
    expect(parseArguments(['--', `chat://example.org:9998#${ca}.AAAA`])).toMatchObject({ kind: 'interactive', line });
    expect(parseArguments(['--', '--version'])).toEqual({ kind: 'version' });
    expect(parseArguments(['localhost', '--user', 'alice'])).toMatchObject({
      line: { host: 'localhost', port: 9998 },
      options: { user: 'alice' },
    });
  });

  test('knows the commands, with options before and after them', () => {
    expect(parseArguments(['--user', 'alice', 'send', 'lobby', '-', '--json'])).toMatchObject({
      kind: 'one-shot',
      options: { user: 'alice' },
    });
    for (const off of ['--no-follow', '--follow=false']) {
      expect(parseArguments(['tail', 'lobby', off, '--limit', '5']).kind).toBe('one-shot');
    }
    expect(parseArguments(['send', 'lobby', '--', '--follow=false']).kind).toBe('one-shot');
  });

  test('answers --help and --version wherever they stand', () => {
    expect(parseArguments(['send', '--help'])).toEqual({ kind: 'help' });
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
  });

  test.each([
    [['sned', 'lobby', 'hi']],
    [['sned']],
    [['--colour']],
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
  ])('%j is refused', (argv) => {
    expect(refusal(argv)).toBe('usage');
  });
});

describe('the environment', () => {
  test('says where the profiles are', () => {
    expect(readEnvironment({}, '/home/a').home).toBe('/home/a/.local/share/chat');
    expect(readEnvironment({ XDG_DATA_HOME: '/data' }, '/home/a').home).toBe('/data/chat');
    expect(readEnvironment({ XDG_DATA_HOME: 'relative' }, '/home/a').home).toBe('/home/a/.local/share/chat');
    expect(readEnvironment({ CHAT_HOME: '/chat', XDG_DATA_HOME: '/data' }, '/home/a').home).toBe('/chat');
  });

  test('gives way to options, and an empty variable is none', () => {
    const environment = readEnvironment({ CHAT_USER: 'alice', CHAT_PASSWORD: '', NO_COLOR: '1' }, '/home/a');
    expect(environment).toMatchObject({ user: 'alice', password: null, colours: false });
    expect(settingsFrom(environment, { user: 'bob', home: '/b' })).toMatchObject({ user: 'bob', home: '/b' });
    expect(readEnvironment({ NO_COLOR: '' }, '/').colours).toBe(true);
  });
});
