/** The admin socket: only its owner can use it, a connection carries one request, and no connection can block the server. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { encodeFrame, FrameDecoder, ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askServer } from '../../src/admin/admin-client.ts';
import { type Administration, AdminServer } from '../../src/admin/admin-server.ts';
import { temporaryDirectory } from '../support/server-process.ts';

const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const done = { users: ['bob'], since: 1, sessions: 2, certificates: 3, rooms: 4 };

async function listening(
  administration: Partial<Administration> = {},
  path = join(temporaryDirectory(), 'admin.sock'),
) {
  const asked: unknown[] = [];
  const admin = await AdminServer.listen(
    path,
    {
      revoke: async (request) => {
        asked.push(request);
        return done;
      },
      reset: async () => done,
      users: async () => ({ users: [], more: false }),
      'delete-room': async () => ({ deleted: false }),
      retention: async () => {
        throw new Error('not asked for');
      },
      status: async () => {
        throw new Error('not asked for');
      },
      'log-level': async () => ({ level: 'info' }),
      config: async () => ({ settings: [] }),
      reload: async () => ({ file: null, changed: [], restart: [] }),
      authority: async () => {
        throw new Error('not asked for');
      },
      ...administration,
    },
    log,
  );
  onTestFinished(() => admin.close());
  return { path, admin, asked };
}

/** Returns a promise and the function that resolves it. */
function deferred() {
  let resolve: () => void = nothing;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { resolve, promise };
}

/** How a connection ends without an answer. */
const cut = /^(|ECONNRESET|EPIPE)$/;

/** Sends bytes and returns the frames that answer, up to the end of the connection; the code of an error. */
async function send(path: string, bytes: Uint8Array): Promise<unknown[] | string> {
  const socket = connect(path);
  socket.write(bytes);
  const answer = await buffer(socket).catch((error: NodeJS.ErrnoException) => error.code ?? '');
  return typeof answer === 'string' || answer.length === 0 ? String(answer) : [...new FrameDecoder().push(answer)];
}

describe('the admin socket', () => {
  test('carries a request and its answer, and only its owner can use it', async () => {
    const { path, asked } = await listening();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askServer(path, 'revoke', { user: 'bob', reason: 'superseded' })).toEqual(done);
    expect(asked).toEqual([{ user: 'bob', reason: 'superseded' }]);
  });

  test('passes a refusal on, and does not disclose an internal error', async () => {
    const refusing = await listening({
      revoke: async () => {
        throw new ProtocolError('unknown-user', 'There is no account with the name bob.');
      },
      users: async () => {
        throw new Error('the key is 1234');
      },
    });
    const refused = askServer(refusing.path, 'revoke', { user: 'bob', reason: 'unspecified' });
    expect(await rejectedCode(refused)).toBe('unknown-user');
    const failure = await askServer(refusing.path, 'users', {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'internal' });
    expect(String(failure)).not.toContain('1234');
  });

  test('accepts only complete requests that it knows, one for each connection', async () => {
    const { path, asked } = await listening();
    const sound = { op: 'revoke', user: 'bob', reason: 'unspecified' };
    for (const request of [
      { op: 'shutdown' },
      { op: 'constructor' },
      { ...sound, user: 'BOB' },
      { ...sound, reason: 'whim' },
      { ...sound, force: true },
    ]) {
      expect(await send(path, encodeFrame(request))).toMatchObject([{ error: { code: 'malformed-request' } }]);
    }
    expect(await send(path, Uint8Array.of(0, 0, 0, 1, 9))).toBe('');
    expect(await send(path, new Uint8Array(70_000).fill(1))).toMatch(cut);
    expect(asked).toEqual([]);
    expect(await send(path, Buffer.concat([encodeFrame(sound), encodeFrame(sound)]))).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test('replaces the socket of a killed server', async () => {
    const path = join(temporaryDirectory(), 'admin.sock');
    writeFileSync(path, '');
    await listening({}, path);
    expect(await askServer(path, 'users', {})).toEqual({ users: [], more: false });
  });

  test('works at a path that is longer than a socket address', async () => {
    const folder = join(temporaryDirectory(), ...Array.from({ length: 6 }, () => 'a-rather-long-name-of-a-folder'));
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'admin.sock');
    const before = await readdir(tmpdir());
    const { admin } = await listening({}, path);
    expect(statSync(path).isSocket()).toBe(true);
    expect(await askServer(path, 'users', {})).toEqual({ users: [], more: false });
    await admin.close();
    expect(existsSync(path)).toBe(false);
    expect((await readdir(tmpdir())).filter((name) => /^chat-\w{6}$/.test(name) && !before.includes(name))).toEqual([]);
  });

  test('completes its requests when it closes, and ends idle connections', async () => {
    const [begun, finish] = [deferred(), deferred()];
    const order: string[] = [];
    const { path, admin } = await listening({
      revoke: async () => {
        begun.resolve();
        await finish.promise;
        order.push('worked');
        return done;
      },
    });
    const idle = send(path, new Uint8Array(0));
    // The command ends without waiting for its answer. The server completes the request nevertheless.
    const command = connect(path);
    command.write(encodeFrame({ op: 'revoke', user: 'bob', reason: 'unspecified' }));
    await begun.promise;
    command.destroy();
    const closing = admin.close().then(() => order.push('closed'));
    expect(await idle).toMatch(cut);
    for (let turn = 0; turn < 20; turn++) expect(await askServer(path, 'users', {})).toBeNull();
    finish.resolve();
    await closing;
    expect(order).toEqual(['worked', 'closed']);
  });
});

describe('askServer', () => {
  test('returns null when no server listens, and refuses a malformed answer', async () => {
    const folder = temporaryDirectory();
    expect(await askServer(join(folder, 'admin.sock'), 'users', {})).toBeNull();
    const { path } = await listening({ users: async () => ({ users: 'all' }) as never });
    expect(await rejectedCode(askServer(path, 'users', {}))).toBe('no-answer');
  });
});
