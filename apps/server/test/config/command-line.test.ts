/** The command line and the environment: what they mean, and that an error names what is wrong. */
import { helpOf } from '@chat/command-line';
import { describe, expect, test } from 'vitest';
import { CommandError } from '../../src/command-error.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { program } from '../../src/config/program.ts';

function commandError(args: readonly string[], environment: Record<string, string> = {}): CommandError {
  try {
    parseCommandLine(args, environment);
  } catch (error) {
    if (error instanceof CommandError) return error;
  }
  throw new Error(`${JSON.stringify(args)} was accepted.`);
}

/** The command with all of its values. */
function parsed(args: readonly string[], environment: Record<string, string> = {}) {
  const line = parseCommandLine(args, environment);
  if (line.kind !== 'command') throw new Error(`${JSON.stringify(args)} is no command.`);
  return { name: line.name, ...line.common, ...line.request };
}

const defaults = {
  host: '127.0.0.1',
  'enrol-port': 9998,
  'chat-port': 9009,
  'metrics-host': '127.0.0.1',
  'log-level': 'info',
  backups: 7,
  'log-json': false,
  'idle-timeout': 120_000,
};

describe('a command line', () => {
  test('without arguments starts the server', () => {
    for (const args of [[], ['--'], ['start']]) expect(parsed(args)).toMatchObject({ name: 'start', ...defaults });
  });

  test('has every option in both spellings', () => {
    const args = [
      '--',
      '--host=::',
      '--enrol-port',
      '0',
      '--chat-port=65535',
      '--data',
      './here',
      '--policy',
      'closed',
    ];
    const more = ['--public-host', 'chat.example', '--log-level', 'debug', '--log-json'];
    expect(parsed([...args, ...more])).toMatchObject({
      name: 'start',
      host: '::',
      'enrol-port': 0,
      'chat-port': 65_535,
      data: './here',
      policy: 'closed',
      'public-host': 'chat.example',
      'metrics-host': '127.0.0.1',
      'log-level': 'debug',
      backups: 7,
      'log-json': true,
    });
    expect(parsed(['--public-host', 'my_host'])).toMatchObject({ 'public-host': 'my_host' });
    const invite = { name: 'invite', hours: 48, uses: 1, qr: false, json: false, data: 'd' };
    expect(parsed(['invite', '--hours', '48', '--data', 'd'])).toEqual(invite);
    expect(parsed(['--data', 'd', 'invite', '--hours=48'])).toEqual(invite);
    const revoke = { name: 'revoke', user: 'bob', json: true, yes: false, reason: 'keyCompromise', data: 'd' };
    expect(parsed(['revoke', 'bob', '--json', '--reason', 'keyCompromise', '--data=d'])).toEqual(revoke);
    expect(parsed(['users'])).toEqual({ name: 'users', json: false });
  });

  test('takes from the environment what it leaves out', () => {
    const environment = {
      CHAT_HOST: '10.0.0.1',
      CHAT_ENROL_PORT: '1',
      CHAT_CHAT_PORT: '2',
      CHAT_DATA: '/d',
      CHAT_POLICY: 'open',
      CHAT_PUBLIC_HOST: '',
      CHAT_LOG_LEVEL: 'warn',
    };
    expect(parsed(['--enrol-port', '3', '--policy', 'invite'], environment)).toMatchObject({
      name: 'start',
      host: '10.0.0.1',
      'enrol-port': 3,
      'chat-port': 2,
      data: '/d',
      policy: 'invite',
      'metrics-host': '127.0.0.1',
      'log-level': 'warn',
      backups: 7,
      'log-json': false,
    });
    expect(parsed(['invite'], environment)).toMatchObject({ name: 'invite', data: '/d', json: false });
    expect(parsed(['invite'], environment)).not.toHaveProperty('hours');
  });

  test('asks for help or the version wherever these stand', () => {
    expect(parseCommandLine(['--policy', 'open', '--help'], {})).toEqual({ kind: 'help', command: null });
    expect(parseCommandLine(['invite', '-h'], {})).toEqual({ kind: 'help', command: 'invite' });
    expect(parseCommandLine(['--version'], {})).toEqual({ kind: 'version' });
  });
});

describe('a wrong command line is refused:', () => {
  test.each([
    [['--colour'], '--colour'],
    [['--no-host'], '--no-host'],
    [['-x'], '-x'],
    [['--host'], '--host'],
    [['--host='], '--host'],
    [['--host', '--data', 'x'], '--host'],
    [['--data', '-'], '--data'],
    [['users', '--data='], '--data'],
    [['--host', 'not a host'], '--host'],
    [['--public-host', 'http://chat.example'], '--public-host'],
    [['--public-host', 'a#b'], '--public-host'],
    [['--host', '0'], '--host'],
    [['--public-host', '10.0.0'], '--public-host'],
    [['--public-host', 'a..b'], '--public-host'],
    [['--public-host', '*.example'], '--public-host'],
    [['--enrol-port', '65536'], '--enrol-port'],
    [['--enrol-port', '-1'], '--enrol-port'],
    [['--chat-port=http'], '--chat-port'],
    [['--policy', 'maybe'], '--policy'],
    [['--log-level', 'loud'], '--log-level'],
    [['--log-json=yes'], '--log-json'],
    [['invite', '--host', '::1'], '--host'],
    [['invite', '--hours', '0'], '--hours'],
    [['invite', '--hours', '1.5'], '--hours'],
    [['--hours', '3'], '--hours'],
    [
      ['serve'],
      '"serve", only start, init, invite, invitations, revoke, reset, users, backup, restore, authority, rooms, delete-room, retention, check, doctor, frames, status, logs, config, completion.',
    ],
    [['invite', 'Bob'], 'Bob'],
    [['invite', '--uses', '0'], '--uses'],
    [['invite', '--uses', '1001'], '--uses'],
    [['reset'], 'NAME'],
    [['revoke'], 'NAME'],
    [['revoke', 'Bob'], 'Bob'],
    [['revoke', 'bob', 'alice'], 'alice'],
    [['revoke', 'bob', '--reason', 'whim'], '--reason'],
    [['revoke', 'bob', '--hours', '3'], '--hours'],
    [['--json'], '--json'],
    [['backup'], 'FILE'],
    [['backup', '-'], 'FILE'],
    [['restore', 'b', '--password-file='], '--password-file'],
    [['invitations', '--withdraw', 'secret-token'], '--withdraw'],
  ])('%j', (args, about) => {
    const { message, code, exitCode } = commandError(args);
    expect(message).toContain(about);
    expect([code, exitCode]).toEqual(['usage', 2]);
  });

  test('a variable with a wrong value, by its name', () => {
    expect(commandError([], { CHAT_DATA: 'd', CHAT_ENROL_PORT: 'x' }).message).toContain('CHAT_ENROL_PORT');
  });
});

describe('help', () => {
  test.each([null, 'start', 'invite', 'revoke', 'users'] as const)('of %s fits into 80 columns', (command) => {
    for (const line of helpOf(program, command).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('of a command has all of its options', () => {
    for (const part of ['--host ADDRESS', '--log-json', 'CHAT_ENROL_PORT', '9998', '--data DIRECTORY', 'CHAT_DATA']) {
      expect(helpOf(program, 'start')).toContain(part);
    }
    for (const part of ['NAME', '--reason REASON', 'keyCompromise', '--json', '--data DIRECTORY']) {
      expect(helpOf(program, 'revoke')).toContain(part);
    }
  });
});
