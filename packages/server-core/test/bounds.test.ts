import { once } from 'node:events';
import { connect } from 'node:net';
import { type SignedEntry, limits as wire } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { join, leave, message, newCid, wrapsFor } from './support/entries.ts';
import { codeOf } from './support/test-client.ts';
import { room, type TestServer, testServer } from './support/test-server.ts';

async function login(at: TestServer, user = 'alice') {
  const who = await at.citizen(user);
  return { who, client: await at.login(who) };
}

describe('frames', () => {
  const broken: [string, string, string][] = [
    ['malformed-frame', 'no JSON', '{"id":1,"op":\n'],
    ['malformed-frame', 'no object', '[1,2,3]\n'],
    ['malformed-frame', 'not UTF-8', '{"id":1,"op":"\xff"}\n'],
    ['frame-too-long', 'without an end', 'x'.repeat(wire.frameBytes)],
    ['frame-too-long', 'with one', `{"id":1,"op":"ping","x":"${'x'.repeat(wire.frameBytes)}"}\n`],
    ['malformed-request', 'no id', '{"op":"ping"}\n'],
    ['malformed-request', 'no op', '{"id":1}\n'],
  ];
  test.each(broken)('that are broken end the connection with %s: %s', async (code, _, bytes) => {
    await using at = await testServer();
    const { client } = await login(at);
    client.socket.write(Buffer.from(bytes, 'latin1'));
    expect(await client.ending()).toBe(code);
    // the other sessions do not mind
    await login(at, 'bob');
  });

  test('after which nothing more is carried out', async () => {
    await using at = await testServer();
    const { who, client } = await login(at);
    const { id, head } = await room('den', [{ who, client }]);
    const append = { id: 9, op: 'append', room: id, cid: newCid(), entry: message(who, id, 1) };
    client.socket.write(`oops\n${JSON.stringify(append)}\n`);
    expect(await client.ending()).toBe('malformed-frame');
    expect(await at.store.load(id)).toMatchObject({ head });
  });

  test('of an unknown operation, or with fields that are not its own, are answered', async () => {
    await using at = await testServer();
    const { client } = await login(at);
    expect(await codeOf(client.ask('shutdown', {}))).toBe('unknown-operation');
    expect(await codeOf(client.ask('__proto__', {}))).toBe('unknown-operation');
    expect(await codeOf(client.ask('enrol', {}))).toBe('unknown-operation');
    expect(await codeOf(client.ask('ping', { more: 1 }))).toBe('malformed-request');
    await expect(client.ask('subscribe', { room: 'x', after: 0 })).rejects.toThrow(/subscribe: room/);
    expect(await client.ask('ping', {})).toEqual({});
  });
});

describe('rates', () => {
  test('too many requests are refused, and let on when they slow down', async () => {
    const clock = { now: Date.now() };
    await using at = await testServer({ clock: () => clock.now, limits: { requestBurst: 20, requestsPerSecond: 10 } });
    const { client } = await login(at);
    const many = await Promise.all(Array.from({ length: 30 }, () => codeOf(client.ask('ping', {}))));
    // the login was five of the twenty
    expect(many.filter((code) => code === 'ok')).toHaveLength(15);
    expect(many.slice(15)).toEqual(Array(15).fill('rate-limited'));
    clock.now += 2_500;
    expect(await client.ask('ping', {})).toEqual({});
  });

  test('who goes on is cut', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 20 } });
    const { client } = await login(at);
    for (let count = 0; count < 100; count++) client.ask('ping', {}).catch(() => {});
    expect(await client.ending()).toBe('rate-limited');
  });

  test('so is who sends too many bytes', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { byteBurst: 100_000 } });
    const { client } = await login(at);
    const long = { room: 'x'.repeat(50_000) };
    expect(await codeOf(client.ask('subscribe', long))).toBe('malformed-request');
    expect(await codeOf(client.ask('subscribe', long))).toBe('rate-limited');
    for (let count = 0; count < 4; count++) client.ask('subscribe', long).catch(() => {});
    expect(await client.ending()).toBe('rate-limited');
  });

  test('are a user’s over all of their connections', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 20 } });
    const { who, client } = await login(at);
    const other = await at.login(who);
    const { client: bob } = await login(at, 'bob');
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(client.ask('ping', {}))));
    expect(codes).toEqual(Array(10).fill('ok'));
    // two logins and ten pings
    expect(await codeOf(other.ask('ping', {}))).toBe('rate-limited');
    expect(await codeOf(bob.ask('ping', {}))).toBe('ok');
  });

  test('what has a signature that must be checked costs as much', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 100 } });
    const { who, client } = await login(at);
    const { id } = await room('den', [{ who, client }]);
    const append = (entry: SignedEntry) => codeOf(client.request('append', { room: id, cid: newCid(), entry }));
    // the login, the room with its first key, and then 15 joins of 5 each
    for (let count = 0; count < 15; count++) expect(await append(join(who, id))).toBe('already-a-member');
    expect(await append(message(who, id, 1))).toBe('ok');
    expect(await append(join(who, id))).toBe('rate-limited');
  });

  test('joins are, so that a room is left in peace; leaves are not', async () => {
    const clock = { now: Date.now() };
    const limits = { requestBurst: 10_000, joinBurst: 2, joinsPerHour: 4 };
    await using at = await testServer({ clock: () => clock.now, limits });
    const [alice, bob] = [await login(at), await login(at, 'bob')];
    const rooms = [await room('den', [alice]), await room('attic', [alice]), await room('cellar', [alice])];
    const [den, attic, cellar] = rooms.map(({ id }) => id);
    if (!den || !attic || !cellar) throw new Error();
    const enter = async (id: string) => {
      const head = (await at.store.load(id))?.head ?? 0;
      const cid = newCid();
      const code = await codeOf(bob.client.request('append', { room: id, cid, entry: join(bob.who, id, head) }));
      return { code, cid, head };
    };
    const go = async (id: string) => {
      const head = (await at.store.load(id))?.head ?? 0;
      await bob.client.request('append', { room: id, cid: newCid(), entry: leave(bob.who, id, head) });
    };
    for (let count = 0; count < 2; count++) {
      const { code, cid, head } = await enter(den);
      expect(code).toBe('ok');
      // what is repeated, or refused for another reason, does not count
      await bob.client.request('append', { room: den, cid, entry: join(bob.who, den, head) });
      expect((await enter(den)).code).toBe('already-a-member');
      await go(den);
    }
    expect((await enter(den)).code).toBe('limit-reached');
    for (const id of [attic, cellar]) expect((await enter(id)).code).toBe('ok');
    clock.now += 60_000;
    expect((await enter(den)).code).toBe('limit-reached');
    clock.now += 15 * 60_000;
    expect((await enter(den)).code).toBe('ok');
    await go(den);
  });

  test('rooms, subscriptions and prepared wraps are bounded', async () => {
    await using at = await testServer({ limits: { subscriptions: 1, roomsCreatedPerHour: 2, requestBurst: 10_000 } });
    const { who, client } = await login(at);
    const { id } = await room('den', [{ who, client }]);
    const { id: other } = await room('attic', [{ who, client }]);
    expect(await codeOf(room('cellar', [{ who, client }]))).toBe('limit-reached');
    await client.request('subscribe', { room: id, after: 0 });
    await client.request('subscribe', { room: id, after: 0 });
    expect(await codeOf(client.request('subscribe', { room: other, after: 0 }))).toBe('limit-reached');
    await client.request('unsubscribe', { room: id });
    await client.request('subscribe', { room: other, after: 0 });
    // the same recipient again is not one more
    const wraps = Array.from({ length: 100 }, () => wrapsFor(who)).flat();
    for (let count = 0; count < 11; count++) await client.request('put-wraps', { room: id, number: 2, wraps });
  });
});

describe('time', () => {
  test('a login that does not come ends the connection', async () => {
    await using at = await testServer({ limits: { loginTimeoutMs: 30 } });
    expect(await (await at.connect(await at.citizen('alice'))).ending()).toBe('limit-reached');
  });

  test('so does silence after it', async () => {
    await using at = await testServer({ limits: { idleTimeoutMs: 40 } });
    const { client } = await login(at);
    expect(await client.ending()).toBe('limit-reached');
  });

  test('so does an enrolment that does not end', async () => {
    await using at = await testServer({ limits: { enrolmentTimeoutMs: 30 } });
    expect(await (await at.connectToEnrol()).ending()).toBe('limit-reached');
  });

  test('so does a handshake that does not end', async () => {
    await using at = await testServer({ limits: { handshakeTimeoutMs: 30 } });
    const silent = connect({ host: '127.0.0.1', port: at.server.chatAddress.port });
    silent.on('error', () => {});
    silent.resume();
    await once(silent, 'close');
  });

  test('a session ends when its certificate does', async () => {
    const clock = { now: Date.now() };
    await using at = await testServer({ clock: () => clock.now });
    const who = await at.citizen('alice');
    const client = await at.connect(who);
    const request = await at.loginRequest(client, who);
    clock.now += 3_600_000 - 1_500;
    const late = await at.connect(who);
    const lateRequest = await at.loginRequest(late, who);
    await client.request('login', request);
    await late.request('login', lateRequest);
    expect(await client.ending()).toBe('limit-reached');
    clock.now += 10_000;
    expect(await (await at.connect(who)).ending()).toBe('login-refused');
  });
});
