/** The settings of a server, and the hosts that they depend on. */
import { defaultLimits } from '@chat/server-core';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { isLoopback, publicHostOf } from '../../src/config/hosts.ts';
import { settingsOf } from '../../src/configuration/settings.ts';
import { configured } from '../support/configured.ts';

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
    const defaults = {
      host: '127.0.0.1',
      enrolmentPort: 9998,
      chatPort: 9009,
      policy: 'open',
      publicHost: '127.0.0.1',
    };
    const start = (options: Readonly<Record<string, string>> = {}) => settingsOf(configured(options), true);
    expect(start()).toMatchObject(defaults);
    expect(start({ host: '0.0.0.0' })).toMatchObject({ policy: 'invite' });
    expect(start({ host: '0.0.0.0', policy: 'open' })).toMatchObject({ policy: 'open' });
    expect(() => start({ 'chat-port': '9998' })).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(start({ 'chat-port': '0', 'enrol-port': '0' })).toMatchObject({ chatPort: 0, enrolmentPort: 0 });
    expect(start().log.readable).toBe(true);
    expect(start({ 'log-json': 'true' }).log.readable).toBe(false);
  });

  test('have every limit of the server, and a setting for each', () => {
    expect(settingsOf(configured()).limits).toEqual(defaultLimits);
    const { limits } = settingsOf(configured({ 'idle-timeout': '3m', 'queue-bytes': '1M', 'room-bytes': '1G' }));
    expect(limits).toEqual({
      ...defaultLimits,
      idleTimeoutMs: 180_000,
      queueBytes: 1_048_576,
      messageBytesPerRoom: 1_073_741_824,
    });
  });
});
