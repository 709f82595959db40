/** The parts that need no process: hosts, defaults, the readable log. */
import { writeFileSync } from 'node:fs';
import { createCA, privateKeyToPem } from '@chat/mini-ca';
import { describe, expect, test } from 'vitest';
import { Complaint } from '../src/command-error.ts';
import { isLoopback, publicHostOf } from '../src/config/hosts.ts';
import { settingsOf } from '../src/config/settings.ts';
import { openAuthority } from '../src/data/authority.ts';
import { dataDirectory } from '../src/data/data-directory.ts';
import { readableLine } from '../src/log.ts';
import { temporaryDirectory } from './server-process.ts';

describe('hosts', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s is loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );
  test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', 'localhost.example'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  test('the public host of every address is the machine’s name', () => {
    for (const host of ['0.0.0.0', '::', '0:0::0']) expect(publicHostOf(host, 'machine')).toBe('machine');
    expect(publicHostOf('10.0.0.1', 'machine')).toBe('10.0.0.1');
    expect(publicHostOf('chat.example', 'machine')).toBe('chat.example');
    expect(publicHostOf('127.0.0.1', '4711')).toBe('127.0.0.1');
    expect(() => publicHostOf('0.0.0.0', '4711')).toThrow(Complaint);
  });
});

describe('the CA', () => {
  test('is refused before it begins and after it ended, and so said', async () => {
    const directory = dataDirectory(temporaryDirectory(), {});
    const now = new Date('2030-01-01');
    const { fingerprint } = await openAuthority(directory, undefined, now);
    expect(await openAuthority(directory, undefined, new Date('2039-01-01'))).toMatchObject({ fingerprint });
    for (const wrong of ['2029-12-31', '2041-01-01']) {
      const opened = openAuthority(directory, undefined, new Date(wrong));
      await expect(opened).rejects.toThrow(/set the clock/);
      await expect(opened).rejects.toBeInstanceOf(Complaint);
    }
  });

  test('and has the kind of key that clients expect', async () => {
    const directory = dataDirectory(temporaryDirectory(), {});
    const { certificate, privateKey } = createCA({ size: 'P-256' });
    writeFileSync(directory.authorityCertificate, certificate);
    writeFileSync(directory.authorityKey, privateKeyToPem(privateKey));
    await expect(openAuthority(directory, undefined)).rejects.toThrow(/P-384/);
  });
});

describe('settings', () => {
  test('are open on loopback, by invitation beyond it, and as asked', () => {
    const start = { name: 'start', logJson: false } as const;
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
    expect(settingsOf({ ...start, logJson: true }, true).log.readable).toBe(false);
  });
});

describe('the readable log', () => {
  test('has time, level, message and fields', () => {
    const line = JSON.stringify({ level: 40, time: 3_723_000, user: 'ada', count: 2, msg: 'too fast' });
    expect(readableLine(line)).toBe('01:02:03 warn  too fast user="ada" count=2\n');
  });

  test('lets no control character through', () => {
    const line = JSON.stringify({ level: 30, time: 0, user: '\u001b[2J\u202eab', msg: 'x\r\u001b]52;c;\u0007' });
    expect(readableLine(line).slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
