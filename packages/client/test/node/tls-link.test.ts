/** What a user reads when a connection does not come about or ends: each cause has its own sentence. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
import { tlsFailure } from '../../src/node/tls-failure.ts';
import { openSocket } from '../../src/node/tls-link.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function reasonWith(accept: (socket: Socket) => void): Promise<string> {
  const own = createServer(accept);
  servers.push(own);
  const port = await new Promise<number>((resolve) => {
    own.listen(0, '127.0.0.1', () => resolve((own.address() as { port: number }).port));
  });
  const error = await openSocket({ host: '127.0.0.1', port }, {}).catch((failure: unknown) => failure);
  if (!(error instanceof ClientError)) throw new Error('It connected.');
  expect(error.code).toBe('unreachable');
  return error.message;
}

test('a server that ends the connection during the handshake is there, and may be full', async () => {
  expect(await reasonWith((socket) => socket.destroy())).toMatch(/no room for more/);
  expect(await reasonWith((socket) => socket.resume().end())).toMatch(/no room for more/);
});

test('only an address without a listener is one where nothing answers', () => {
  const at = { host: 'chat.example', port: 9998 };
  const cut = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  expect(tlsFailure(cut, { ...at, phase: 'connecting' }).message).toMatch(/Nothing answers/);
  expect(tlsFailure(cut, { ...at, phase: 'open' }).message).toMatch(/was lost/);
  const exhausted = Object.assign(new Error('too many'), { code: 'EMFILE' });
  const own = tlsFailure(exhausted, { ...at, phase: 'connecting' });
  expect([own.code, own.message]).toEqual(['too-many-files', expect.stringMatching(/too many files are open/)]);
});
