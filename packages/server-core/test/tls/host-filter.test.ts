/** A host that may not connect costs the server no socket: it is refused before Node makes one. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, SocketAddress } from 'node:net';
import { expect, test } from 'vitest';
import { HostFilter } from '../../src/tls/host-filter.ts';
import { testServer } from '../support/test-server.ts';

/** Node publishes here each socket that it makes for an accepted connection. */
const channel = 'net.server.socket';

/** Connects, sends the head of a handshake, and resolves when the server has closed the connection. */
async function fail(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  socket.resume();
  socket.write(Buffer.of(0));
  await once(socket, 'close');
}

test('a host with too many failures gets no socket, on this port and for as long', async () => {
  const clock = { now: Date.now() };
  await using at = await testServer({ limits: { failuresPerHostAndMinute: 2 }, clock: () => clock.now });
  const sockets: unknown[] = [];
  const note = (message: unknown) => void sockets.push(message);
  subscribe(channel, note);
  try {
    const { port } = at.server.chatAddress;
    for (let attempt = 0; attempt < 5; attempt += 1) await fail(port);
    expect(sockets).toHaveLength(2);
    expect(at.log.lines.filter(({ message }) => message.startsWith('connection dropped'))).toMatchObject([
      { level: 'warn', fields: { service: 'chat', host: '127.0.0.1' } },
    ]);
    await fail(at.server.enrolmentAddress.port);
    expect(sockets).toHaveLength(3);
    clock.now += 30_000;
    await fail(port);
    expect(sockets).toHaveLength(4);
  } finally {
    unsubscribe(channel, note);
  }
});

test('asks for the host of each address, in every form', () => {
  const hosts: string[] = [];
  const filter = new HostFilter((host) => hosts.push(host) > 2);
  const addresses = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::7'];
  const refused = addresses.map((address) => filter.check(address));
  expect(refused).toEqual([false, false, true]);
  expect(filter.check(new SocketAddress({ address: '192.0.2.9' }))).toBe(true);
  expect(hosts).toEqual(['192.0.2.1', '192.0.2.1', '2001:db8:0:0::/64', '192.0.2.9']);
  expect(() => createServer({ blockList: filter })).not.toThrow();
});
