/** The settings of a server, and the hosts that they depend on. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { isLoopback, publicHostOf } from '../../src/config/hosts.ts';
import { settingsOf } from '../../src/config/settings.ts';

describe('hosts', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s is loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );
  test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', 'localhost.example'])(
    '%s is not loopback',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  test('the public host of every address is the name of the machine', () => {
    for (const host of ['0.0.0.0', '::', '0:0::0']) expect(publicHostOf(host, 'machine')).toBe('machine');
    expect(publicHostOf('10.0.0.1', 'machine')).toBe('10.0.0.1');
    expect(publicHostOf('chat.example', 'machine')).toBe('chat.example');
    expect(publicHostOf('127.0.0.1', '4711')).toBe('127.0.0.1');
    expect(thrownCode(() => publicHostOf('0.0.0.0', '4711'))).toBe('public-host');
  });
});

describe('settings', () => {
  test('are open on loopback, by invitation on other addresses, and as the operator chooses', () => {
    const line = parseCommandLine([], {});
    if (line.kind !== 'command' || line.name !== 'start') throw new Error('expected the start command');
    const start = { ...line.common, ...line.request };
    const defaults = {
      host: '127.0.0.1',
      enrolmentPort: 9998,
      chatPort: 9009,
      policy: 'open',
      publicHost: '127.0.0.1',
    };
    expect(settingsOf(start)).toMatchObject(defaults);
    expect(settingsOf({ ...start, host: '0.0.0.0' })).toMatchObject({ policy: 'invite' });
    expect(settingsOf({ ...start, host: '0.0.0.0', policy: 'open' })).toMatchObject({ policy: 'open' });
    expect(() => settingsOf({ ...start, 'chat-port': 9998 })).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(settingsOf({ ...start, 'chat-port': 0, 'enrol-port': 0 })).toMatchObject({ chatPort: 0, enrolmentPort: 0 });
    expect(settingsOf(start, true).log.readable).toBe(true);
    expect(settingsOf({ ...start, 'log-json': true }, true).log.readable).toBe(false);
  });
});
