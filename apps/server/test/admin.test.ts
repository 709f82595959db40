/** The admin socket: for the server's own user, one request to a connection, and nothing that can hold the server up. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ProtocolError } from '@chat/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askServer } from '../src/admin/admin-client.ts';
import { type Administration, AdminServer } from '../src/admin/admin-server.ts';
import { pipeOf, withSocketPath } from '../src/admin/socket-path.ts';
import { Complaint } from '../src/command-error.ts';
import { temporaryDirectory } from './server-process.ts';

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
      users: async () => ({ users: [], more: false }),
      ...administration,
    },
    log,
  );
  onTestFinished(() => admin.close());
  return { path, admin, asked };
}

/** The end of a connection without an answer. */
const cut = /^(|ECONNRESET|EPIPE)$/;

/** Something that one waits for and another gives. */
function signal() {
  let give: () => void = nothing;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
}

/** What comes back for these bytes, until the server ends the connection. */
async function send(path: string, bytes: string): Promise<string> {
  const socket = connect(path);
  socket.write(bytes);
  return text(socket).catch((error: NodeJS.ErrnoException) => error.code ?? '');
}

describe('the admin socket', () => {
  test('carries a request and its answer, and is for its owner only', async () => {
    const { path, asked } = await listening();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askServer(path, 'revoke', { user: 'bob', reason: 'superseded' })).toEqual(done);
    expect(asked).toEqual([{ user: 'bob', reason: 'superseded' }]);
  });

  test('passes a refusal on, and keeps what went wrong inside to itself', async () => {
    const refusing = await listening({
      revoke: async () => {
        throw new ProtocolError('unknown-user', 'Nobody is registered here as bob.');
      },
      users: async () => {
        throw new Error('the key is 1234');
      },
    });
    const asking = askServer(refusing.path, 'revoke', { user: 'bob', reason: 'unspecified' });
    await expect(asking).rejects.toMatchObject({ code: 'unknown-user' });
    const failure = await askServer(refusing.path, 'users', {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'internal' });
    expect(String(failure)).not.toContain('1234');
  });

  test('takes nothing but the requests it knows, whole and once', async () => {
    const { path, asked } = await listening();
    const request = '{"op":"revoke","user":"bob","reason":"unspecified"}\n';
    const refused = /^\{"error":\{"code":"malformed-request"/;
    expect(await send(path, '{"op":"shutdown"}\n')).toMatch(refused);
    expect(await send(path, '{"op":"constructor"}\n')).toMatch(refused);
    expect(await send(path, '{"op":"revoke","user":"BOB","reason":"unspecified"}\n')).toMatch(refused);
    expect(await send(path, '{"op":"revoke","user":"bob","reason":"whim"}\n')).toMatch(refused);
    expect(await send(path, '{"op":"revoke","user":"bob","reason":"unspecified","force":true}\n')).toMatch(refused);
    expect(await send(path, 'no JSON\n')).toBe('');
    expect(await send(path, 'x'.repeat(70_000))).toMatch(cut);
    expect(asked).toEqual([]);
    expect((await send(path, request + request)).split('\n')).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  test('takes the place of one that a killed server left', async () => {
    const path = join(temporaryDirectory(), 'admin.sock');
    writeFileSync(path, '');
    await listening({}, path);
    expect(await askServer(path, 'users', {})).toEqual({ users: [], more: false });
  });

  test('may be deeper than a socket’s address is long', async () => {
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

  test('closing finishes what was asked, and cuts who has asked nothing', async () => {
    const [begun, finish] = [signal(), signal()];
    const order: string[] = [];
    const { path, admin } = await listening({
      revoke: async () => {
        begun.give();
        await finish.given;
        order.push('worked');
        return done;
      },
    });
    const idle = send(path, '');
    // Whoever asked has gone, and is owed the work all the same.
    const impatient = connect(path);
    impatient.write('{"op":"revoke","user":"bob","reason":"unspecified"}\n');
    await begun.given;
    impatient.destroy();
    const closing = admin.close().then(() => order.push('closed'));
    expect(await idle).toMatch(cut);
    for (let turn = 0; turn < 20; turn++) expect(await askServer(path, 'users', {})).toBeNull();
    finish.give();
    await closing;
    expect(order).toEqual(['worked', 'closed']);
  });
});

describe('asking', () => {
  test('where no server listens gives nothing, and what is no server’s is a complaint', async () => {
    const folder = temporaryDirectory();
    expect(await askServer(join(folder, 'admin.sock'), 'users', {})).toBeNull();
    const { path } = await listening({ users: async () => ({ users: 'all' }) as never });
    await expect(askServer(path, 'users', {})).rejects.toBeInstanceOf(Complaint);
  });

  test('on Windows goes by a pipe that is named by the directory', async () => {
    const used = (path: string) => withSocketPath(path, async (address) => address, 'win32');
    expect(await used(join('/data', 'admin.sock'))).toBe(pipeOf('/data'));
    expect(pipeOf('/data')).toMatch(/^\\\\\.\\pipe\\chat-server-[0-9a-f]{32}$/);
    expect(pipeOf('/DATA')).toBe(pipeOf('/data'));
    expect(pipeOf('/other')).not.toBe(pipeOf('/data'));
  });
});
