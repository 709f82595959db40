/** Bounds of connections, and clients that read too slowly. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { message, newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { room, type TestServer, testServer } from './support/test-server.ts';

async function login(at: TestServer, user = 'alice') {
  const who = await at.citizen(user);
  return { who, client: await at.login(who) };
}

describe('the server', () => {
  test('bounds connections that wait for their login, and does not count those with a login', async () => {
    await using at = await testServer({ limits: { waitingConnections: 2 } });
    const who = await at.citizen('alice');
    const [first, second] = [await at.login(who), await at.login(who), await at.login(who)];
    const waiting = await at.connect(who);
    await at.connect(who);
    await expect(at.connect(who)).rejects.toThrow(/ECONNRESET|disconnected/);
    await waiting.close();
    await expect.poll(() => outcomeOf(at.connect(who))).toBe('ok');
    await Promise.all([first?.close(), second?.close()]);
  });

  test('bounds the waiting connections of one host before their handshake, and does not fill the log with them', async () => {
    const limits = { waitingPerHost: 3, enrolmentPerHost: 2 };
    await using at = await testServer({ limits });
    const who = await at.citizen('alice');
    const [first] = [await at.login(who), await at.login(who)];
    for (const [port, maxWaiting] of [
      [at.server.chatAddress.port, 3],
      [at.server.enrolmentAddress.port, 2],
    ] as const) {
      const sockets = await Promise.all(
        Array.from({ length: maxWaiting + 50 }, async () => {
          const socket = connect({ host: '127.0.0.1', port });
          socket.on('error', () => {}).resume();
          await once(socket, 'connect');
          return socket;
        }),
      );
      await expect.poll(() => sockets.filter((socket) => socket.closed).length).toBe(50);
      for (const socket of sockets) socket.destroy();
    }
    expect(at.log.lines.filter(({ message }) => message.startsWith('connection dropped')).length).toBeLessThan(10);
    // Logged-in connections are not affected, and new ones are accepted again.
    expect(await first?.request('ping', {})).toEqual({});
    await expect.poll(() => outcomeOf(at.connect(who))).toBe('ok');
    await expect.poll(() => outcomeOf(at.connectToEnrol())).toBe('ok');
  });

  test('bounds all connections', async () => {
    await using at = await testServer({ limits: { connections: 1, enrolmentConnections: 1 } });
    const { who, client } = await login(at);
    await expect(at.connect(who)).rejects.toThrow();
    await client.close();
    await expect.poll(() => outcomeOf(at.connect(who))).toBe('ok');
    await at.connectToEnrol();
    await expect(at.connectToEnrol()).rejects.toThrow();
  });
});

describe('a slow reader', () => {
  test('is disconnected with limit-reached, and other readers get everything', async () => {
    const limits = { queueBytes: 256 * 1024, requestBurst: 1e6, byteBurst: 1e9, lingerMs: 60_000 };
    await using at = await testServer({ limits });
    const { who, client } = await login(at);
    const [slow, quick] = [await at.login(who), await at.login(who)];
    const { id, head } = await room('den', [{ who, client }]);
    for (const reader of [slow, quick]) {
      await reader.request('subscribe', { room: id, after: head });
      await reader.first('caught-up');
    }
    slow.socket.pause();
    const text = 'x'.repeat(32_000);
    const isCut = () => at.log.lines.some(({ fields }) => 'code' in fields && fields.code === 'limit-reached');
    let sent = 0;
    // The size of the kernel's buffer is unknown: send until that buffer and the queue are full.
    while (!isCut() && sent < 4_000) {
      await client.request('append', { room: id, cid: newCid(), entry: message(who, id, 1, text) });
      sent += 1;
    }
    expect(isCut()).toBe(true);
    await quick.until(() => quick.positions(id).length === sent);

    // The client gets the bye when it reads on, and has all entries up to its position.
    slow.socket.resume();
    expect(await slow.ending()).toBe('limit-reached');
    const got = slow.positions(id);
    expect(got).toEqual(quick.positions(id).slice(0, got.length));
    expect(got.length).toBeLessThan(sent);
    const again = await at.login(who);
    await again.request('subscribe', { room: id, after: got.at(-1) ?? head });
    await again.first('caught-up');
    expect([...got, ...again.positions(id)]).toEqual(quick.positions(id));
  });

  test('gets the backlog page by page while it catches up', async () => {
    const limits = { queueBytes: 600 * 1024, requestBurst: 1e6, byteBurst: 1e9 };
    await using at = await testServer({ limits });
    const { who, client } = await login(at);
    const { id, head } = await room('den', [{ who, client }]);
    const text = 'x'.repeat(32_000);
    const count = 400;
    for (let index = 0; index < count; index++) {
      await client.request('append', { room: id, cid: newCid(), entry: message(who, id, 1, text) });
    }
    const slow = await at.login(who);
    await slow.request('subscribe', { room: id, after: 0 });
    slow.socket.pause();
    // The backlog is far larger than the queue. The server still answers other clients.
    for (let index = 0; index < 20; index++) await client.ask('ping', {});
    slow.socket.resume();
    await slow.first('caught-up');
    expect(slow.positions(id)).toHaveLength(head + count);
  });
});
