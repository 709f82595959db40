/** Bounds of a connection: malformed frames, request rates, limits, timeouts. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeCbor, encodeFrame, encodeRoomNumber, type SignedEntry, utf8, limits as wire } from '@chat/protocol';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { join, leave, message, newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { room, type TestServer, testServer } from './support/test-server.ts';
import { putWraps, wrapsFor } from './support/wraps.ts';

afterEach(() => void vi.useRealTimers());

async function login(at: TestServer, user = 'alice') {
  const who = await at.citizen(user);
  return { who, client: await at.login(who) };
}

describe('a malformed frame', () => {
  /** Returns a frame of this kind. */
  const framed = (kind: number, body: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(5, kind);
    head.writeUInt32BE(1 + body.length);
    return Buffer.concat([head, body]);
  };
  const broken: [string, string, Uint8Array][] = [
    ['malformed-frame', 'no CBOR', framed(1, utf8('{"id":1}'))],
    ['malformed-frame', 'no object', framed(1, encodeCbor([1, 2, 3]))],
    ['malformed-frame', 'not UTF-8', framed(1, Uint8Array.of(0xa1, 0x61, 0xff, 0))],
    ['malformed-frame', 'an append that is cut off', framed(2, new Uint8Array(80))],
    // Each would stay in memory: only a server numbers rooms.
    ['malformed-frame', 'the number of a room', encodeRoomNumber(1, '0'.repeat(64))],
    ['frame-too-long', 'only announced', Uint8Array.of(0, 1, 0, 0)],
    ['frame-too-long', 'sent', framed(1, new Uint8Array(wire.frameBytes))],
    ['unsupported-version', 'a line of JSON', utf8('{"id":1,"op":"ping"}\n')],
    ['malformed-request', 'no id', encodeFrame({ op: 'ping' })],
    ['malformed-request', 'no op', encodeFrame({ id: 1 })],
    ['malformed-request', 'an id that is too great', encodeFrame({ id: 2 ** 32, op: 'ping' })],
  ];
  test.each(broken)('ends the connection with %s: %s', async (code, _, bytes) => {
    await using at = await testServer();
    const { client } = await login(at);
    client.socket.write(bytes);
    expect(await client.ending()).toBe(code);
    // Other sessions are not affected.
    await login(at, 'bob');
  });

  test('is the last frame that has an effect', async () => {
    await using at = await testServer();
    const { who, client } = await login(at);
    const { id, head } = await room('den', [{ who, client }]);
    const append = { id: 9, op: 'append', room: id, cid: newCid(), entry: message(who, id, 1) };
    client.socket.write(Buffer.concat([framed(9, utf8('oops')), encodeFrame(append)]));
    expect(await client.ending()).toBe('malformed-frame');
    expect(await at.store.load(id)).toMatchObject({ head });
  });

  test('differs from a request with an unknown operation or field, which gets an answer', async () => {
    await using at = await testServer();
    const { client } = await login(at);
    expect(await outcomeOf(client.ask('shutdown', {}))).toBe('unknown-operation');
    expect(await outcomeOf(client.ask('__proto__', {}))).toBe('unknown-operation');
    expect(await outcomeOf(client.ask('enrol', {}))).toBe('unknown-operation');
    expect(await outcomeOf(client.ask('ping', { more: 1 }))).toBe('malformed-request');
    await expect(client.ask('subscribe', { room: 'x', after: 0 })).rejects.toThrow(/subscribe: room/);
    expect(await client.ask('ping', {})).toEqual({});
  });
});

describe('a rate', () => {
  test('refuses requests of a user who sends too many, until the user slows down', async () => {
    const clock = { now: Date.now() };
    await using at = await testServer({ clock: () => clock.now, limits: { requestBurst: 35, requestsPerSecond: 10 } });
    const { client } = await login(at);
    const many = await Promise.all(Array.from({ length: 30 }, () => outcomeOf(client.ask('ping', {}))));
    // The login has cost twenty.
    expect(many.filter((code) => code === 'ok')).toHaveLength(15);
    expect(many.slice(15)).toEqual(Array(15).fill('rate-limited'));
    clock.now += 2_500;
    expect(await client.ask('ping', {})).toEqual({});
  });

  test('disconnects a client that continues to send too much', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 20 } });
    const { client } = await login(at);
    for (let count = 0; count < 100; count++) client.ask('ping', {}).catch(() => {});
    expect(await client.ending()).toBe('rate-limited');
  });

  test('counts bytes too', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { byteBurst: 100_000 } });
    const { client } = await login(at);
    const long = { room: 'x '.repeat(25_000) };
    expect(await outcomeOf(client.ask('subscribe', long))).toBe('malformed-request');
    expect(await outcomeOf(client.ask('subscribe', long))).toBe('rate-limited');
    for (let count = 0; count < 4; count++) client.ask('subscribe', long).catch(() => {});
    expect(await client.ending()).toBe('rate-limited');
  });

  test('counts over all connections of a user', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 50 } });
    const { who, client } = await login(at);
    const other = await at.login(who);
    const { client: bob } = await login(at, 'bob');
    const codes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(client.ask('ping', {}))));
    expect(codes).toEqual(Array(10).fill('ok'));
    // Two logins and ten pings have used up the fifty.
    expect(await outcomeOf(other.ask('ping', {}))).toBe('rate-limited');
    expect(await outcomeOf(bob.ask('ping', {}))).toBe('ok');
  });

  test('charges more for a request whose signature is verified', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 115 } });
    const { who, client } = await login(at);
    const { id } = await room('den', [{ who, client }]);
    const append = (entry: SignedEntry) => outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));
    // The login and the room with its first key are paid for; then 15 joins cost 5 each.
    for (let count = 0; count < 15; count++) expect(await append(join(who, id))).toBe('already-a-member');
    expect(await append(message(who, id, 1))).toBe('ok');
    expect(await append(join(who, id))).toBe('rate-limited');
  });

  test('limits joins, so that a room is not rekeyed all the time, and never leaves', async () => {
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
      const code = await outcomeOf(bob.client.request('append', { room: id, cid, entry: join(bob.who, id, head) }));
      return { code, cid, head };
    };
    const go = async (id: string) => {
      const head = (await at.store.load(id))?.head ?? 0;
      await bob.client.request('append', { room: id, cid: newCid(), entry: leave(bob.who, id, head) });
    };
    for (let count = 0; count < 2; count++) {
      const { code, cid, head } = await enter(den);
      expect(code).toBe('ok');
      // A repeat, and a request that is refused for another reason, do not count.
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

  test('bounds rooms, subscriptions and staged wraps', async () => {
    await using at = await testServer({ limits: { subscriptions: 1, roomsCreatedPerHour: 2, requestBurst: 10_000 } });
    const { who, client } = await login(at);
    const { id } = await room('den', [{ who, client }]);
    const { id: other } = await room('attic', [{ who, client }]);
    expect(await outcomeOf(room('cellar', [{ who, client }]))).toBe('limit-reached');
    await client.request('subscribe', { room: id, after: 0 });
    await client.request('subscribe', { room: id, after: 0 });
    expect(await outcomeOf(client.request('subscribe', { room: other, after: 0 }))).toBe('limit-reached');
    await client.request('unsubscribe', { room: id });
    await client.request('subscribe', { room: other, after: 0 });
    // A second wrap for the same recipient takes the place of the first one.
    for (let count = 0; count < 11; count++) {
      await putWraps({ who, client }, { room: id, number: 2, wraps: wrapsFor(who) });
    }
    const more = [...wrapsFor(who), ...wrapsFor(who)];
    expect(await outcomeOf(putWraps({ who, client }, { room: id, number: 2, wraps: more }))).toBe('wraps-mismatch');
  });
});

describe('a client that has not logged in', () => {
  test('may send short frames only, on both ports, and long ones after the login', async () => {
    await using at = await testServer();
    const who = await at.citizen('alice');
    const long = encodeFrame({ id: 1, op: 'ping', x: 'x '.repeat(4_500) });
    for (const client of [await at.connect(who), await at.connectToEnrol()]) {
      client.socket.write(long);
      expect(await client.ending()).toBe('frame-too-long');
    }
    const client = await at.login(who);
    expect(await outcomeOf(client.ask('ping', { x: 'x '.repeat(4_500) }))).toBe('malformed-request');
  });

  test('is disconnected for bytes on their arrival, although no frame ends, and small chunks count more', async () => {
    await using at = await testServer();
    const who = await at.citizen('alice');
    for (const client of [await at.connect(who), await at.connectToEnrol()]) {
      // Each write is one TLS record, because it waits for the one before. 128 are too many, and 256 more are dropped.
      for (let sent = 0; sent < 300 && client.socket.writable; sent += 1) {
        const part = Uint8Array.of(sent === 2 ? 0x10 : 0);
        await new Promise((resolve) => client.socket.write(part, resolve));
      }
      expect(await client.ending()).toBe('rate-limited');
    }
  });

  test('is disconnected for requests before its login', async () => {
    await using at = await testServer();
    const client = await at.connect(await at.citizen('alice'));
    for (let count = 0; count < 150; count++) client.ask('ping', {}).catch(() => {});
    expect(await client.ending()).toBe('rate-limited');
  });
});

describe('a timeout', () => {
  test('ends a connection without a login', async () => {
    await using at = await testServer({ limits: { loginTimeoutMs: 30 } });
    expect(await (await at.connect(await at.citizen('alice'))).ending()).toBe('limit-reached');
  });

  test('ends a connection without frames', async () => {
    await using at = await testServer({ limits: { idleTimeoutMs: 40 } });
    const { client } = await login(at);
    expect(await client.ending()).toBe('limit-reached');
  });

  test('ends an enrolment that is not finished', async () => {
    await using at = await testServer({ limits: { enrolmentTimeoutMs: 30 } });
    expect(await (await at.connectToEnrol()).ending()).toBe('limit-reached');
  });

  test('ends a handshake that is not finished', async () => {
    await using at = await testServer({ limits: { handshakeTimeoutMs: 30 } });
    const silent = connect({ host: '127.0.0.1', port: at.server.chatAddress.port });
    silent.on('error', () => {});
    silent.resume();
    await once(silent, 'close');
  });

  test('ends a connection without a byte, during and after the handshake', async () => {
    await using at = await testServer({ limits: { firstByteTimeoutMs: 30, firstFrameTimeoutMs: 30 } });
    for (const { port } of [at.server.chatAddress, at.server.enrolmentAddress]) {
      const silent = connect({ host: '127.0.0.1', port });
      silent.on('error', () => {});
      silent.resume();
      await once(silent, 'close');
    }
    expect(await (await at.connect(await at.citizen('alice'))).ending()).toBe('limit-reached');
    expect(await (await at.connectToEnrol()).ending()).toBe('limit-reached');
  });

  test('for the first frame does not end a connection that has sent one', async () => {
    await using at = await testServer({ limits: { firstFrameTimeoutMs: 2_000, loginTimeoutMs: 2_500 } });
    const client = await at.connect(await at.citizen('alice'));
    await client.ask('ping', {});
    expect(await client.ending()).toBe('limit-reached');
    expect(client.all('bye')[0]?.error.message).toMatch(/log in/);
  });

  test('for the first byte and the handshake ends no connection that has come so far', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using at = await testServer({ limits: { firstByteTimeoutMs: 1_000, handshakeTimeoutMs: 1_000 } });
    const { client } = await login(at);
    vi.advanceTimersByTime(1_000);
    // The server looks once more in the turn after it.
    await turn();
    await turn();
    expect(await client.ask('ping', {})).toEqual({});
  });

  test('ends a session when its certificate expires', async () => {
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
