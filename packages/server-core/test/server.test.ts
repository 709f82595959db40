/** Starting a server, its certificate, and what it observes and logs. */
import { createServer } from 'node:net';
import { createCA } from '@chat/mini-ca';
import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../src/contract/index.ts';
import { startServer } from '../src/index.ts';
import { message, newCid } from './support/entries.ts';
import { connectClient } from './support/test-client.ts';
import { authority, room, TestLog, testServer } from './support/test-server.ts';

afterEach(() => vi.useRealTimers());

const optionsFor = (chatPort: number, enrolmentPort: number) => {
  const store = createMemoryStore();
  const closed = vi.spyOn(store, 'close');
  const address = { host: '127.0.0.1' };
  return {
    closed,
    options: {
      ca: authority,
      store,
      log: new TestLog(),
      chat: { ...address, port: chatPort },
      enrolment: { ...address, port: enrolmentPort, policy: 'open' as const },
    },
  };
};

/** Returns whether the port is free. */
const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

test('rejects with the system’s error when a port is in use, and leaves nothing open', async () => {
  await using at = await testServer();
  const taken = at.server.chatAddress.port;
  const free = await testServer();
  const { port } = free.server.chatAddress;
  await free[Symbol.asyncDispose]();

  for (const [chat, enrolment] of [
    [taken, 0],
    [port, taken],
  ] as const) {
    const { options, closed } = optionsFor(chat, enrolment);
    await expect(startServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
    expect(closed).toHaveBeenCalledOnce();
  }
  expect(await isFree(port)).toBe(true);
});

test('rejects a CA that cannot sign, and leaves nothing open', async () => {
  const { options, closed } = optionsFor(0, 0);
  const ca = { certificate: authority.certificate, privateKey: createCA().privateKey };
  await expect(startServer({ ...options, ca })).rejects.toMatchObject({ code: 'key-mismatch' });
  expect(closed).toHaveBeenCalledOnce();

  const none = { certificate: 'no certificate', privateKey: authority.privateKey };
  await expect(startServer({ ...options, ca: none })).rejects.toMatchObject({ code: 'malformed' });
  expect(closed).toHaveBeenCalledTimes(2);
});

test('has a certificate with its names, and renews it without a restart', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const day = 24 * 3_600_000;
  const clock = { now: Date.now() };
  const ca = createCA({ now: new Date(clock.now - 100 * day) });
  await using at = await testServer({ ca, clock: () => clock.now, names: ['chat.example.org', '192.0.2.7'] });
  const certificate = async () => {
    const { port } = at.server.enrolmentAddress;
    const client = await connectClient({ port, ca: ca.certificate, rejectUnauthorized: false });
    const peer = client.socket.getPeerX509Certificate();
    await client.close();
    return peer;
  };
  const first = await certificate();
  for (const name of ['chat-server.internal', 'localhost', 'chat.example.org'])
    expect(first?.checkHost(name)).toBe(name);
  for (const ip of ['127.0.0.1', '::1', '192.0.2.7']) expect(first?.checkIP(ip)).toBe(ip);
  expect(first?.checkIP('192.0.2.8')).toBeUndefined();

  // Two thirds of thirty days, plus or minus five per cent.
  const minute = 60_000;
  clock.now += 18 * day;
  await vi.advanceTimersByTimeAsync(minute);
  expect((await certificate())?.serialNumber).toBe(first?.serialNumber);
  // The clock counts, not the time that passed: it may have been corrected, or the machine may have slept.
  clock.now += 4 * day;
  await vi.advanceTimersByTimeAsync(minute);
  const second = await certificate();
  expect(second?.serialNumber).not.toBe(first?.serialNumber);
  expect(new Date(second?.validTo ?? 0).getTime()).toBeGreaterThan(clock.now + 29 * day);
  // The next renewal.
  clock.now += 22 * day;
  await vi.advanceTimersByTimeAsync(minute);
  const third = await certificate();
  expect(third?.serialNumber).not.toBe(second?.serialNumber);
  // When the clock is set back, the certificate is not valid yet.
  clock.now -= 30 * day;
  await vi.advanceTimersByTimeAsync(minute);
  expect((await certificate())?.serialNumber).not.toBe(third?.serialNumber);
});

test('passes frames of both directions to the tap, and logs no content', async () => {
  const seen = { in: Buffer.alloc(0), out: Buffer.alloc(0) };
  await using at = await testServer({
    tap: (direction, bytes) => {
      seen[direction] = Buffer.concat([seen[direction], bytes]);
    },
  });
  const who = await at.citizen('alice');
  const client = await at.login(who);
  const { id, wraps } = await room('den', [{ who, client }]);
  await client.request('subscribe', { room: id, after: 0 });
  const { seq } = await client.request('append', {
    room: id,
    cid: newCid(),
    entry: message(who, id, 1, 'tell-no-one'),
  });
  await client.until(() => client.positions(id).includes(seq));
  await client.ask('shutdown', {}).catch(() => {});

  const { nonce } = await client.first('hello');
  const wrap = Buffer.from(wraps[0]?.wrap ?? []);
  expect([seen.in.includes('tell-no-one'), seen.out.includes('tell-no-one')]).toEqual([true, true]);
  expect(seen.in.includes(wrap)).toBe(true);
  expect(seen.out.includes(nonce, 'base64url')).toBe(true);
  const logged = JSON.stringify(at.log.lines);
  expect(logged).toContain('logged in');
  for (const secret of ['tell-no-one', nonce, wrap.toString('base64url'), wrap.toString('hex')]) {
    expect(logged).not.toContain(secret);
  }
});
