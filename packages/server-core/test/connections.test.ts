/** Bounds of connections, and clients that read too slowly. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createCA } from '@chat/mini-ca';
import { describe, expect, test } from 'vitest';
import { message, newCid } from './support/entries.ts';
import { outcomeOf, type TestClient } from './support/test-client.ts';
import { certificateFor, room, type TestServer, testServer } from './support/test-server.ts';

async function login(at: TestServer, user = 'alice') {
  const who = await at.citizen(user);
  return { who, client: await at.login(who) };
}

describe('the server', () => {
  test('bounds connections that wait for their login: the oldest makes room, and those with a login stay', async () => {
    await using at = await testServer({ limits: { waitingConnections: 2, unprovenGraceMs: 0 } });
    const who = await at.citizen('alice');
    const loggedIn = [await at.login(who), await at.login(who), await at.login(who)];
    const [oldest, next] = [await at.connect(who), await at.connect(who)];
    const newest = await at.connect(who);
    expect(await oldest.ending()).toBe('server-full');
    for (const client of [next, newest]) await client.request('login', await at.loginRequest(client, who));
    for (const client of loggedIn) expect(await client.request('ping', {})).toEqual({});
  });

  test('displaces no connection of a host that holds as many, until a handshake had its time', async () => {
    const clock = { now: Date.now() };
    const limits = { waitingPerHost: 1, unprovenGraceMs: 1_000 };
    await using at = await testServer({ clock: () => clock.now, limits });
    const who = await at.citizen('alice');
    const first = await at.connect(who);
    await expect(at.connect(who)).rejects.toThrow();
    clock.now += 1_000;
    const second = await at.connect(who);
    expect(await first.ending()).toBe('server-full');
    await second.request('login', await at.loginRequest(second, who));
  });

  test('lets users in while strangers hold every place of both ports in silence', async () => {
    const limits = { waitingPerHost: 3, enrolmentPerHost: 2, unprovenGraceMs: 0 };
    await using at = await testServer({ limits });
    const who = await at.citizen('alice');
    const before = await at.login(who);
    const silent: Socket[] = [];
    for (const [port, places] of [
      [at.server.chatAddress.port, 3],
      [at.server.enrolmentAddress.port, 2],
    ] as const) {
      const sockets = await Promise.all(
        Array.from({ length: places + 50 }, async () => {
          const socket = connect({ host: '127.0.0.1', port });
          socket.on('error', () => {}).resume();
          await once(socket, 'connect');
          return socket;
        }),
      );
      await expect.poll(() => sockets.filter((socket) => socket.closed).length).toBe(50);
      silent.push(...sockets);
    }
    expect(at.log.lines.filter(({ message }) => message.startsWith('connection dropped')).length).toBeLessThan(10);
    expect(await before.request('ping', {})).toEqual({});
    expect(await outcomeOf(at.login(who))).toBe('ok');
    expect(await outcomeOf(at.connectToEnrol())).toBe('ok');
    for (const socket of silent) socket.destroy();
  });

  test('keeps places at the enrolment port for users with a valid certificate, apart from strangers', async () => {
    const limits = { enrolmentConnections: 2, enrolmentPerHost: 2, unprovenGraceMs: 0 };
    await using at = await testServer({ limits });
    const who = await at.citizen('alice');
    const known = await at.connectToEnrol(who);
    await known.first('welcome');
    const strangers = [await at.connectToEnrol(), await at.connectToEnrol(), await at.connectToEnrol()];
    expect(await strangers[0]?.ending()).toBe('server-full');
    await expect(known.ask('enrol', {})).rejects.toMatchObject({ code: 'malformed-request' });
    // A certificate of another server makes no difference to none.
    const { fingerprint } = who.signer;
    const stranger = await at.connectToEnrol(certificateFor({ user: 'alice', fingerprint, ca: createCA() }));
    expect(await strangers[1]?.ending()).toBe('server-full');
    await stranger.first('welcome');
  });

  test('gives the place of a connection that has closed to the next one, and counts a renewal by its user only', async () => {
    const now = Date.now();
    const limits = { waitingPerHost: 1, enrolmentPerHost: 1, unprovenGraceMs: 1_000 };
    // No grace ever ends, so that none of the connections displaces another one.
    await using at = await testServer({ clock: () => now, limits });
    const who = await at.citizen('alice');
    /** Connects as soon as the server has learnt that the connection before has closed. */
    const opened = async (open: () => Promise<TestClient>): Promise<void> => {
      await expect.poll(() => outcomeOf(open().then((client) => clients.push(client)))).toBe('ok');
      await expect.poll(() => clients.at(-1)?.pushes.length).toBe(1);
    };
    const clients: TestClient[] = [];
    for (const open of [() => at.connect(who), () => at.connectToEnrol(), () => at.connectToEnrol(who)]) {
      for (let count = 0; count < 3; count += 1) {
        await opened(open);
        await clients.at(-1)?.close();
      }
    }
    // Users with a certificate have two places, and take none of the strangers' place.
    await opened(() => at.connectToEnrol(who));
    await opened(() => at.connectToEnrol());
    expect(clients.at(-2)?.socket.destroyed).toBe(false);
  });

  test('refuses one more login with server-full', async () => {
    await using at = await testServer({ limits: { connections: 1 } });
    const { who, client } = await login(at);
    expect(await outcomeOf(at.login(who))).toBe('server-full');
    await client.close();
    await expect.poll(() => outcomeOf(at.login(who))).toBe('ok');
  });
});

describe('a host', () => {
  test('whose connections prove nothing is refused before its next handshake, and only for a while', async () => {
    const clock = { now: Date.now() };
    await using at = await testServer({ clock: () => clock.now, limits: { failuresPerHostAndMinute: 3 } });
    const alice = await at.citizen('alice');
    const thief = { ...alice, signer: (await at.citizen('mallory')).signer };
    const before = await at.login(alice);
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) outcomes.push(await outcomeOf(at.login(thief)));
    expect(outcomes).toEqual(Array(3).fill('login-refused'));
    const isDropped = () =>
      at.log.lines.some(({ fields }) => 'why' in fields && `${fields.why}`.startsWith('too many'));
    await expect.poll(async () => [await outcomeOf(at.login(thief)), isDropped()].at(-1)).toBe(true);
    // No handshake: nothing but the dropped connection is in the log.
    const failures = at.log.lines.filter(({ message }) => message === 'TLS handshake failed').length;
    await expect(at.login(alice)).rejects.not.toMatchObject({ code: 'login-refused' });
    expect(at.log.lines.filter(({ message }) => message === 'TLS handshake failed')).toHaveLength(failures);
    expect(await before.request('ping', {})).toEqual({});
    clock.now += 60_000;
    expect(await outcomeOf(at.login(alice))).toBe('ok');
  });

  test('pays for handshakes with a bad certificate, and for those at the enrolment port that bring none', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { failuresPerHostAndMinute: 2 } });
    const alice = await at.citizen('alice');
    const { fingerprint } = alice.signer;
    const bad = certificateFor({ user: 'alice', fingerprint, ca: createCA() });
    await expect.poll(async () => outcomeOf(at.connect(bad).then((client) => client.ending()))).not.toBe('ok');
    const look = async () => (await at.connectToEnrol()).close();
    await expect.poll(async () => outcomeOf(look())).not.toBe('ok');
  });

  test('does not pay for logins, which the user pays for', async () => {
    const now = Date.now();
    const limits = { failuresPerHostAndMinute: 3, requestBurst: 60 };
    await using at = await testServer({ clock: () => now, limits });
    const alice = await at.citizen('alice');
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      outcomes.push(await outcomeOf(at.login(alice).then((client) => client.close())));
    }
    expect(outcomes.slice(0, 4)).toEqual(Array(4).fill('ok'));
    expect(outcomes[4]).toBe('rate-limited');
    expect(await outcomeOf(at.login(await at.citizen('bob')))).toBe('ok');
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
