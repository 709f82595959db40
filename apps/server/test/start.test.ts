/** Starting and stopping a server: its output, its files, and their use at the next start. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { certificateFingerprint } from '@chat/mini-ca';
import { FrameDecoder, serverName } from '@chat/protocol';
import { longTest } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { run, startIn, temporaryDirectory } from './support/server-process.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Connects with trust in `ca` alone; returns the first frame and the names in the server's certificate. */
function firstFrame(host: string, port: number, ca: string): Promise<{ frame: unknown; names: string | undefined }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca, servername: serverName, minVersion: 'TLSv1.3' });
    socket.once('error', reject);
    socket.once('data', (data) => {
      const [frame] = new FrameDecoder().push(data);
      resolve({ frame, names: socket.getPeerCertificate().subjectaltname });
      socket.destroy();
    });
  });
}

describe('a first start', () => {
  test('creates all files, private to their owner, prints how to join, and stops on SIGTERM', async () => {
    const data = join(temporaryDirectory(), 'deep', 'data');
    const server = await startIn(data, ['--public-host', 'chat.example']);
    const { invitation } = server;

    expect(modeOf(data)).toBe(0o700);
    for (const name of readdirSync(data)) expect(modeOf(join(data, name)), name).toBe(0o600);
    const ca = readFileSync(join(data, 'ca.pem'), 'utf8');
    expect(invitation).toMatchObject({ host: 'chat.example', fingerprint: certificateFingerprint(ca) });
    expect(invitation.invitation).toBeUndefined();
    const listening = server.out.split('\n').find((line) => line.includes('listening'));
    expect(listening).toContain(`127.0.0.1:${invitation.port}`);
    const groups = server.out.replace(/\s+/g, '').toLowerCase();
    expect(groups.split(invitation.fingerprint ?? '-').length).toBeGreaterThanOrEqual(3);

    const { frame, names } = await firstFrame('127.0.0.1', invitation.port, ca);
    expect(frame).toMatchObject({ push: 'welcome', policy: 'open' });
    expect(names).toContain('DNS:chat.example');

    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
    expect(readdirSync(data).sort()).toEqual([
      'ca-key.pem',
      'ca.crl',
      'ca.pem',
      'chat.db',
      'server.json',
      'server.lock',
      'usage.json',
    ]);
  });

  test('that was cut off is completed by the next one, with the same CA', async () => {
    const data = temporaryDirectory();
    const first = await startIn(data);
    await first.kill('SIGKILL');
    // The state after a power cut between the two renames.
    const ca = readFileSync(join(data, 'ca.pem'));
    for (const name of readdirSync(data)) if (name !== 'ca-key.pem') rmSync(join(data, name));
    writeFileSync(join(data, 'ca.pem.new'), ca);

    const second = await startIn(data);
    expect(second.invitation.fingerprint).toBe(first.invitation.fingerprint);
    await second.kill('SIGTERM');
    expect(readdirSync(data)).not.toContain('ca.pem.new');
  });

  longTest('that was cut off before the CA was renamed begins again', async () => {
    const data = temporaryDirectory();
    writeFileSync(join(data, 'ca.pem.new'), 'half a certif');
    const server = await startIn(data);
    expect(await server.kill('SIGINT')).toMatchObject({ code: 0 });
  });
});

describe('the next start', () => {
  test('uses the same files, also after kill -9', async () => {
    const data = temporaryDirectory();
    const first = await startIn(data);
    expect(await first.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const key = readFileSync(join(data, 'ca-key.pem'));
    const second = await startIn(data);
    expect(second.invitation.fingerprint).toBe(first.invitation.fingerprint);
    await second.kill('SIGTERM');
    expect(readFileSync(join(data, 'ca-key.pem'))).toEqual(key);
  });

  longTest('can have a key that a password encrypts', async () => {
    const data = temporaryDirectory();
    const file = join(temporaryDirectory(), 'password');
    writeFileSync(file, 'correct horse\n');
    const first = await startIn(data, [], { CHAT_CA_PASSWORD_FILE: file });
    await first.kill('SIGTERM');
    expect(readFileSync(join(data, 'ca-key.pem'), 'utf8')).toContain('ENCRYPTED');

    expect(await run(['--data', data])).toMatchObject({
      code: 1,
      err: expect.stringContaining('CHAT_CA_PASSWORD_FILE'),
    });
    writeFileSync(file, 'another\n');
    expect(await run(['--data', data], { CHAT_CA_PASSWORD_FILE: file })).toMatchObject({ code: 1 });
    writeFileSync(file, 'correct horse\n');
    const again = await startIn(data, [], { CHAT_CA_PASSWORD_FILE: file });
    expect(again.invitation.fingerprint).toBe(first.invitation.fingerprint);
    await again.kill('SIGTERM');
  });

  test.skipIf(process.platform === 'win32')('makes a data directory private again that others could read', async () => {
    const data = temporaryDirectory();
    await (await startIn(data)).kill('SIGTERM');
    chmodSync(data, 0o755);
    chmodSync(join(data, 'ca-key.pem'), 0o644);
    await (await startIn(data)).kill('SIGTERM');
    expect(modeOf(data)).toBe(0o700);
    expect(modeOf(join(data, 'ca-key.pem'))).toBe(0o600);
  });
});

test.skipIf(process.platform === 'win32')('the server ends with an error when its store has ended', async () => {
  const mortal = `--import ${new URL('./support/mortal-store.ts', import.meta.url).href}`;
  const server = await startIn(temporaryDirectory(), ['--log-level', 'silent'], { NODE_OPTIONS: mortal });
  const { code, err } = await server.kill('SIGUSR2');
  expect(code).toBe(1);
  expect(err).toMatch(/^chat-server: The thread of the store has ended: restart the program\.\n$/);
});

describe('the log', () => {
  test.skipIf(process.platform !== 'linux')('does not stop the server when it cannot be written', async () => {
    const server = await startIn(temporaryDirectory(), ['--log-json', '--log-level', 'debug'], {}, '/dev/full');
    const { port } = server.invitation;
    for (let count = 0; count < 3; count++) {
      // Each of these connections is logged in one line.
      const socket = connectPlain(port, '127.0.0.1').on('error', () => {});
      socket.write('no handshake');
      await once(socket.resume(), 'close');
    }
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  test('is complete to its last line after a stop', async () => {
    const server = await startIn(temporaryDirectory());
    const { err } = await server.kill('SIGTERM');
    expect(JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ msg: 'stopped' });
  });
});

describe('settings', () => {
  test('come from the environment, and the command line wins', async () => {
    const environment = { CHAT_PUBLIC_HOST: 'from.environment', CHAT_POLICY: 'closed' };
    const server = await startIn(temporaryDirectory(), ['--public-host', 'from.line'], environment);
    expect(server.invitation).toMatchObject({ host: 'from.line' });
    expect(server.out).toContain('closed: no new user may enrol');
    await server.kill('SIGTERM');
  });

  test('have a directory below XDG_DATA_HOME as the default', async () => {
    const shared = temporaryDirectory();
    mkdirSync(join(shared, 'chat-server'));
    const { code, err } = await run(['invite'], { XDG_DATA_HOME: shared });
    expect(code).toBe(1);
    expect(err).toContain(join(shared, 'chat-server'));
  });
});
