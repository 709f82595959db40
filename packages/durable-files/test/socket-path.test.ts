/** Paths of sockets: short enough for the system, and pipes on Windows. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withSocketPath } from '../src/index.ts';
import { pipeOf } from '../src/socket-path.ts';

function listening(address: string): Promise<Server> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return new Promise((resolve) => server.listen(address, () => resolve(server)));
}

describe('the path of a socket', () => {
  test.skipIf(process.platform === 'win32')('may be longer than a socket address', async () => {
    const folder = join(temporaryFolder().path, 'a'.repeat(120));
    await mkdir(folder);
    const path = join(folder, 'programs.sock');
    await withSocketPath(path, listening);
    expect(existsSync(path)).toBe(true);
  });

  test('is a pipe on Windows that is named after the folder and the socket', async () => {
    const used = (path: string) => withSocketPath(path, async (address) => address, 'win32');
    expect(await used(join('/data', 'admin.sock'))).toBe(pipeOf('/data/admin.sock'));
    expect(pipeOf('/data/admin.sock')).toMatch(/^\\\\\.\\pipe\\chat-admin-[0-9a-f]{32}$/);
    expect(pipeOf('/DATA/admin.sock')).toBe(pipeOf('/data/admin.sock'));
    expect(pipeOf('/other/admin.sock')).not.toBe(pipeOf('/data/admin.sock'));
  });
});
