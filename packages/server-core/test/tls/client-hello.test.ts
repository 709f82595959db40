/** TLS takes a connection over only when the first record of its handshake is there, and one connection in each turn. */
import { once } from 'node:events';
import { connect as connectPlain, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect } from 'node:tls';
import { FrameDecoder } from '@chat/protocol';
import { afterEach, expect, test, vi } from 'vitest';
import { awaitClientHello } from '../../src/tls/client-hello.ts';
import { HandshakeTurns } from '../../src/tls/handshake-turns.ts';
import { authority, testServer } from '../support/test-server.ts';

const open: Socket[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const socket of open.splice(0)) socket.destroy();
});

/** Returns the client's end of a connection, and what `awaitClientHello` has done with the other end. */
async function waiting() {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const client = connectPlain({ port, host: '127.0.0.1', noDelay: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(client, socket);
  const outcomes: string[] = [];
  awaitClientHello(
    socket,
    () => outcomes.push('complete'),
    () => outcomes.push('refused'),
  );
  /** Sends bytes, and resolves when the server has them. */
  const send = async (bytes: Uint8Array): Promise<void> => {
    const { bytesRead } = socket;
    client.write(bytes);
    while (socket.bytesRead < bytesRead + bytes.length) await turn();
    await turn();
  };
  return { socket, client, send, outcomes };
}

/** A record of the handshake with this many bytes after its head. */
const record = (bytes: number): Buffer => {
  const whole = Buffer.alloc(5 + bytes, 1);
  whole.set([22, 3, 1, bytes >> 8, bytes & 255]);
  return whole;
};

test('waits for the whole first record, however it is divided, and leaves every byte to TLS', async () => {
  const { socket, send, outcomes } = await waiting();
  const whole = record(300);
  for (const [from, to] of [
    [0, 1],
    [1, 4],
    [4, 5],
    [5, 304],
  ]) {
    await send(whole.subarray(from, to));
    expect(outcomes).toEqual([]);
  }
  await send(whole.subarray(304));
  expect(outcomes).toEqual(['complete']);
  expect(socket.isPaused()).toBe(true);
  expect(socket.read()).toEqual(whole);
});

test('reads single bytes in turns of 20 ms after the first five, so that each of them does not wake the server', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const { socket, client, send, outcomes } = await waiting();
  const chunks: number[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk.length));
  const whole = record(300);
  for (let sent = 0; sent < 5; sent += 1) await send(whole.subarray(sent, sent + 1));
  expect(socket.isPaused()).toBe(true);
  for (const byte of whole.subarray(5, 304)) {
    await new Promise((written) => client.write(Buffer.of(byte), written));
  }
  // Each of these writes had turns of the event loop in which it could have been read.
  expect(chunks).toEqual([1, 1, 1, 1, 1]);
  while (socket.bytesRead < 304) {
    vi.advanceTimersByTime(20);
    await turn();
  }
  expect(outcomes).toEqual([]);
  client.write(whole.subarray(304));
  while (outcomes.length === 0) {
    vi.advanceTimersByTime(20);
    await turn();
  }
  expect(outcomes).toEqual(['complete']);
});

test.each([
  ['that is no record of a handshake', Buffer.from('G')],
  ['that is longer than any client needs', record(8 * 1024 + 1).subarray(0, 5)],
])('refuses a beginning %s without waiting for more', async (_, bytes) => {
  const { send, outcomes } = await waiting();
  await send(bytes);
  expect(outcomes).toEqual(['refused']);
});

test('starts one handshake in each turn, in the order of their arrival', async () => {
  const turns = new HandshakeTurns();
  const started: string[] = [];
  for (const name of ['first', 'second', 'third']) turns.take(() => started.push(name));
  expect(started).toEqual([]);
  for (const expected of [['first'], ['first', 'second'], ['first', 'second', 'third']]) {
    await turn();
    expect(started).toEqual(expected);
  }
});

test('the server carries out a handshake whose bytes arrive one by one, and drops what is no TLS', async () => {
  await using at = await testServer();
  const { port } = at.server.enrolmentAddress;
  const relay = createServer({ noDelay: true }, (near) => {
    const far = connectPlain({ port, host: '127.0.0.1', noDelay: true });
    open.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (chunk) => {
      for (const byte of chunk) far.write(Buffer.of(byte));
    });
    far.pipe(near);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  const client = connect({
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    host: '127.0.0.1',
    ca: authority.certificate,
    servername: 'chat-server.internal',
  });
  open.push(client);
  const [greeting] = (await once(client, 'data')) as [Buffer];
  expect([...new FrameDecoder().push(greeting)]).toMatchObject([{ push: 'welcome' }]);
  relay.close();

  const stranger = connectPlain({ port, host: '127.0.0.1' });
  open.push(stranger);
  stranger.on('error', () => {}).resume();
  stranger.write('GET / HTTP/1.1\r\n\r\n');
  await once(stranger, 'close');
  const codes = at.log.lines.map(({ fields }) => ('code' in fields ? fields.code : null));
  expect(codes).toContain('no client hello');
});
