/** A client that is no longer listened to may still have bytes on their way, but not bytes without end. */
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/limits/limits.ts';
import { refuseCertificate } from '../../src/tls/refuse-certificate.ts';
import { FrameSocket } from '../../src/wire/frame-socket.ts';

const hour = 60 * 60_000;
const ignore = (): void => {};
const listener = { received: ignore, frame: ignore, failed: ignore, leaving: ignore, closed: ignore };

test.each<[string, (socket: Duplex) => void]>([
  [
    'a session that the server has ended',
    (socket) =>
      new FrameSocket(socket, { limits: { ...defaultLimits, lingerMs: hour } }, listener).bye('stopping', 'Stopping.'),
  ],
  ['a client without a valid certificate', (socket) => refuseCertificate(socket as TLSSocket, hour)],
])('%s: 256 chunks are dropped, and one more ends the connection before its time', async (_, end) => {
  const socket = new Duplex({ read: ignore, write: (_chunk, _encoding, done) => done() });
  const closed = new Promise<void>((resolve) => socket.once('close', resolve));
  end(socket);
  for (let chunks = 0; chunks < 256; chunks += 1) socket.push('x');
  await nextTurn();
  expect(socket.readableLength).toBe(0);
  expect(socket.destroyed).toBe(false);
  socket.push('x');
  await closed;
});
