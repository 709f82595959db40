/** Reasons for not starting: each prints one sentence on standard error, sets an exit code other than 0, and changes no file. */
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Ended } from '@chat/testkit';
import { longTest } from '@chat/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { run, startIn, temporaryDirectory } from './support/server-process.ts';

/** Requires one line that names the subject, and no stack trace. */
function expectSentence({ code, out, err }: Ended, exitCode: number, about: string): void {
  expect(err).toMatch(/^chat-server: [^\n]+\.\n$/);
  expect(err).not.toMatch(/\bat .*:\d+:\d+/);
  expect(err).toContain(about);
  expect(out).toBe('');
  expect(code).toBe(exitCode);
}

async function startedOnce(data: string): Promise<string> {
  await (await startIn(data)).kill('SIGTERM');
  return data;
}

function copyOf(data: string): string {
  const copy = temporaryDirectory();
  cpSync(data, copy, { recursive: true });
  return copy;
}

describe('a command line', () => {
  test('with a wrong option or variable names it', async () => {
    expectSentence(await run(['--colour']), 2, '--colour');
    expectSentence(await run(['invite', '--hours', '0']), 2, '--hours');
    expectSentence(await run([], { CHAT_CHAT_PORT: 'x' }), 2, 'CHAT_CHAT_PORT');
  });

  test('prints help and version, also after the -- of a package manager', async () => {
    const help = await run(['--', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const name of ['--host', '--enrol-port', '--policy', 'CHAT_DATA', 'invite']) expect(help.out).toContain(name);
    const version = await run(['--version']);
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^chat-server \d+\.\d+\.\d+\n$/) });
  });
});

describe('the server refuses', () => {
  const quiet = () => ['--log-level', 'silent', '--data', temporaryDirectory()];

  test.each(['--enrol-port', '--chat-port'])('a %s in use', async (option) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(address !== null && typeof address === 'object' ? address.port : 0);
    const other = option === '--chat-port' ? '--enrol-port' : '--chat-port';
    const ended = await run([...quiet(), option, port, other, '0']);
    expectSentence(ended, 1, option);
    expect(ended.err).toContain(port);
    taken.close();
  });

  test('an address of another machine', async () => {
    expectSentence(await run([...quiet(), '--host', '192.0.2.1']), 1, '--host');
  });
});

describe('the server refuses a data directory that', () => {
  test('is a file or is below one', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, 'mine');
    expectSentence(await run(['--data', file]), 1, file);
    expectSentence(await run(['--data', join(file, 'data')]), 1, file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('cannot be written', async () => {
    const locked = join(temporaryDirectory(), 'locked');
    mkdirSync(locked, { mode: 0o500 });
    // Root can write to every directory of a disk, but not to one of the kernel.
    const data = process.getuid?.() === 0 ? '/sys/chat-data' : locked;
    expectSentence(await run(['--data', data]), 1, data);
  });

  test.skipIf(process.platform === 'win32')('is shared and holds other files', async () => {
    const data = join(temporaryDirectory(), 'shared');
    mkdirSync(data, { mode: 0o755 });
    writeFileSync(join(data, 'thesis.txt'), '');
    expectSentence(await run(['--data', data]), 1, data);
    expect(existsSync(join(data, 'ca.pem'))).toBe(false);
  });

  test('another server uses', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data);
    expectSentence(await run(['--data', data]), 1, `process ${server.pid}`);
    await server.kill('SIGKILL');
    await (await startIn(data)).kill('SIGTERM');
  });
});

describe('the server refuses an incomplete data directory and leaves it as it is:', () => {
  let whole: string;
  beforeAll(async () => {
    whole = await startedOnce(temporaryDirectory());
  });

  const damage: Record<string, (data: string) => void> = {
    'ca-key.pem': (data) => writeFileSync(join(data, 'ca-key.pem'), '-----BEGIN PRIVATE KEY-----\nMIG2AgEA'),
    'ca.pem': (data) => writeFileSync(join(data, 'ca.pem'), ''),
    'server.json': (data) => writeFileSync(join(data, 'server.json'), '{"version":'),
    'chat.db': (data) => writeFileSync(join(data, 'chat.db'), 'not a database'.repeat(1_000)),
  };
  test.each(Object.keys(damage))('%s is damaged', async (name) => {
    const data = copyOf(whole);
    damage[name]?.(data);
    const before = readFileSync(join(data, name));
    expectSentence(await run(['--data', data]), 1, join(data, name));
    expect(readFileSync(join(data, name))).toEqual(before);
  });

  test.each(['ca-key.pem', 'ca.pem', 'chat.db'])('%s is missing', async (name) => {
    const data = copyOf(whole);
    rmSync(join(data, name));
    expectSentence(await run(['--data', data]), 1, join(data, name));
    expect(existsSync(join(data, name))).toBe(false);
  });

  test('database and server.json are missing beside a CA', async () => {
    const data = copyOf(whole);
    for (const name of ['chat.db', 'server.json']) rmSync(join(data, name));
    expectSentence(await run(['--data', data]), 1, 'chat.db');
    expect(existsSync(join(data, 'chat.db'))).toBe(false);
  });

  test('server.json is of a newer version, which is no damage', async () => {
    const data = copyOf(whole);
    const path = join(data, 'server.json');
    const newer = JSON.stringify({ version: 2, publicHost: ['of another form'] });
    writeFileSync(path, newer);
    const result = await run(['--data', data]);
    expectSentence(result, 1, 'newer version');
    expect(result.err).not.toContain('damaged');
    expect(readFileSync(path, 'utf8')).toBe(newer);
  });

  longTest('the certificate of the CA is damaged at any place', async () => {
    const data = copyOf(whole);
    const path = join(data, 'ca.pem');
    const der = Buffer.from(readFileSync(path, 'utf8').replace(/-----[^-]+-----/g, ''), 'base64');
    // Inside the public key, the dates, the signature and the frame.
    for (const at of [0, 3, 90, 130, 150, der.length - 5]) {
      const spoilt = Buffer.from(der);
      spoilt[at] = (spoilt[at] ?? 0) ^ 0xff;
      writeFileSync(
        path,
        `-----BEGIN CERTIFICATE-----\n${spoilt.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
      );
      const result = await run(['--data', data]);
      expectSentence(result, 1, 'ca.pem');
      expect(result.err).not.toMatch(/unexpected|error:|ERR_|ENOENT/);
    }
  });

  test('the database is empty', async () => {
    const data = copyOf(whole);
    truncateSync(join(data, 'chat.db'));
    expectSentence(await run(['--data', data]), 1, 'chat.db');
  });

  test('the CA is missing beside a database', async () => {
    const data = copyOf(whole);
    for (const name of ['ca-key.pem', 'ca.pem', 'server.json']) rmSync(join(data, name));
    expectSentence(await run(['--data', data]), 1, 'ca.pem');
    expect(existsSync(join(data, 'ca.pem'))).toBe(false);
  });

  longTest('the CA is of another server', async () => {
    const [data, other] = [copyOf(whole), await startedOnce(temporaryDirectory())];
    writeFileSync(join(data, 'ca.pem'), readFileSync(join(other, 'ca.pem')));
    expectSentence(await run(['--data', data]), 1, 'ca.pem');
    writeFileSync(join(data, 'ca-key.pem'), readFileSync(join(other, 'ca-key.pem')));
    expectSentence(await run(['--data', data]), 1, 'ca.pem');
  });
});
