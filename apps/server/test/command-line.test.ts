/** Command line and environment: what is understood, and that whatever is wrong is named. */
import { describe, expect, test } from 'vitest';
import { Complaint } from '../src/command-error.ts';
import { parseCommandLine } from '../src/config/command-line.ts';

function complaint(args: readonly string[], environment: Record<string, string> = {}): Complaint {
  try {
    parseCommandLine(args, environment);
  } catch (error) {
    if (error instanceof Complaint) return error;
  }
  throw new Error(`No complaint about ${JSON.stringify(args)}.`);
}

describe('what is understood', () => {
  test('no argument starts the server', () => {
    expect(parseCommandLine([], {})).toEqual({ name: 'start', logJson: false });
    expect(parseCommandLine(['--'], {})).toEqual({ name: 'start', logJson: false });
    expect(parseCommandLine(['start'], {})).toEqual({ name: 'start', logJson: false });
  });

  test('every option, in both spellings', () => {
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
    expect(parseCommandLine([...args, ...more], {})).toEqual({
      name: 'start',
      host: '::',
      'enrol-port': 0,
      'chat-port': 65_535,
      data: './here',
      policy: 'closed',
      'public-host': 'chat.example',
      'log-level': 'debug',
      logJson: true,
    });
    expect(parseCommandLine(['--public-host', 'my_host'], {})).toMatchObject({ 'public-host': 'my_host' });
    const invite = { name: 'invite', hours: 48, data: 'd' };
    expect(parseCommandLine(['invite', '--hours', '48', '--data', 'd'], {})).toEqual(invite);
    expect(parseCommandLine(['--data', 'd', 'invite', '--hours=48'], {})).toEqual(invite);
    const revoke = { name: 'revoke', user: 'bob', json: true, reason: 'keyCompromise', data: 'd' };
    expect(parseCommandLine(['revoke', 'bob', '--json', '--reason', 'keyCompromise', '--data=d'], {})).toEqual(revoke);
    expect(parseCommandLine(['users'], {})).toEqual({ name: 'users', json: false });
  });

  test('the environment fills in what the line leaves out', () => {
    const environment = {
      CHAT_HOST: '10.0.0.1',
      CHAT_ENROL_PORT: '1',
      CHAT_CHAT_PORT: '2',
      CHAT_DATA: '/d',
      CHAT_POLICY: 'open',
      CHAT_PUBLIC_HOST: '',
      CHAT_LOG_LEVEL: 'warn',
    };
    expect(parseCommandLine(['--enrol-port', '3', '--policy', 'invite'], environment)).toEqual({
      name: 'start',
      host: '10.0.0.1',
      'enrol-port': 3,
      'chat-port': 2,
      data: '/d',
      policy: 'invite',
      'log-level': 'warn',
      logJson: false,
    });
    expect(parseCommandLine(['invite'], environment)).toEqual({ name: 'invite', data: '/d' });
  });

  test('help and version wherever they stand', () => {
    expect(parseCommandLine(['--policy', 'open', '--help'], {})).toEqual({ name: 'help' });
    expect(parseCommandLine(['invite', '-h'], {})).toEqual({ name: 'help' });
    expect(parseCommandLine(['--version'], {})).toEqual({ name: 'version' });
  });
});

describe('what is not', () => {
  test.each([
    [['--colour'], '--colour'],
    [['--no-host'], '--no-host'],
    [['-x'], '-x'],
    [['--host'], '--host'],
    [['--host='], '--host'],
    [['--host', '--data', 'x'], '--host'],
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
    [['serve'], 'serve'],
    [['invite', 'bob'], 'bob'],
    [['revoke'], 'NAME'],
    [['revoke', 'Bob'], 'Bob'],
    [['revoke', 'bob', 'ada'], 'ada'],
    [['revoke', 'bob', '--reason', 'whim'], '--reason'],
    [['revoke', 'bob', '--hours', '3'], '--hours'],
    [['--json'], '--json'],
  ])('%j', (args, about) => {
    const { message, exitCode } = complaint(args);
    expect(message).toContain(about);
    expect(exitCode).toBe(2);
  });

  test('a variable is called by its name', () => {
    expect(complaint([], { CHAT_DATA: 'd', CHAT_ENROL_PORT: 'x' }).message).toContain('CHAT_ENROL_PORT');
  });
});
