/** Limits that change while a server runs count for connections and rooms that are open already. */
import { describe, expect, test, vi } from 'vitest';
import { join, message, newCid } from './support/entries.ts';
import { outcomeOf } from './support/test-client.ts';
import { room, testServer } from './support/test-server.ts';

describe('changed limits', () => {
  test('count for the rate of a connection that is open', async () => {
    const now = Date.now();
    await using at = await testServer({ clock: () => now, limits: { requestBurst: 25 } });
    const { client } = await at.member('alice');
    const pings = async () => {
      const codes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(client.ask('ping', {}))));
      return codes.filter((code) => code === 'ok').length;
    };
    // The login has cost twenty.
    expect(await pings()).toBe(5);
    await at.server.change({ limits: { requestBurst: 45 } });
    expect(await pings()).toBe(10);
    await at.server.change({ limits: { requestBurst: 42 } });
    expect(await pings()).toBe(2);
  });

  test('count for rooms and users that have used up what was allowed before', async () => {
    await using at = await testServer({ limits: { requestBurst: 10_000, roomsCreatedPerHour: 1, subscriptions: 0 } });
    const alice = await at.member('alice');
    const { id } = await room('den', [alice]);
    const enter = () => outcomeOf(alice.client.request('subscribe', { room: id, after: 0 }));
    expect(await outcomeOf(room('attic', [alice]))).toBe('limit-reached');
    expect(await enter()).toBe('limit-reached');
    await at.server.change({ limits: { roomsCreatedPerHour: 2, subscriptions: 1 } });
    await room('attic', [alice]);
    expect(await outcomeOf(room('cellar', [alice]))).toBe('limit-reached');
    expect(await enter()).toBe('ok');
  });

  test('count for the members of a room, which keeps those that it has', async () => {
    await using at = await testServer();
    const [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
    const { id, head } = await room('den', [alice, bob]);
    const enter = () => {
      const entry = join(carol.who, id, head);
      return outcomeOf(carol.client.request('append', { room: id, cid: newCid(), entry }));
    };
    await at.server.change({ limits: { roomMembers: 2 } });
    expect(await enter()).toBe('room-full');
    await at.server.change({ limits: { roomMembers: 3 } });
    expect(await enter()).toBe('ok');
  });

  test('count for what may be stored', async () => {
    await using at = await testServer({ limits: { messageBytesPerUserAndDay: 100 } });
    const alice = await at.member('alice');
    const { id } = await room('den', [alice]);
    const say = () => {
      const entry = message(alice.who, id, 1);
      return outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }));
    };
    expect(await say()).toBe('limit-reached');
    await at.server.change({ limits: { messageBytesPerUserAndDay: 1_000_000 } });
    expect(await say()).toBe('ok');
    await at.server.change({ limits: { messageBytesPerRoom: 1 } });
    expect(await say()).toBe('room-storage-full');
  });

  test('end the connections of a user that are too many now, and refuse more logins', async () => {
    await using at = await testServer();
    const who = await at.citizen('alice');
    const clients = [await at.login(who), await at.login(who), await at.login(who)];
    await at.server.change({ limits: { connectionsPerUser: 1, connections: 1 } });
    await expect.poll(() => at.server.connectionsOf('alice'), { timeout: 60_000 }).toBe(1);
    const ended = clients.filter((client) => client.all('bye').length > 0 || client.socket.readableEnded);
    await Promise.all(ended.map(async (client) => expect(await client.ending()).toBe('connection-replaced')));
    await expect.poll(() => at.server.connections, { timeout: 60_000 }).toBe(1);
    const bob = await at.connect(await at.citizen('bob'));
    const request = await at.loginRequest(bob, await at.citizen('carol'));
    expect(await outcomeOf(bob.request('login', request))).not.toBe('ok');
    expect(await outcomeOf(at.member('mallory'))).toBe('server-full');
  });

  test('count for the time that an open connection may be silent', async () => {
    await using at = await testServer();
    const { client } = await at.member('alice');
    await at.server.change({ limits: { idleTimeoutMs: 40 } });
    expect(await client.ending()).toBe('limit-reached');
  });

  test('count for strangers at the ports', async () => {
    await using at = await testServer({ limits: { unprovenGraceMs: 0 } });
    const first = await at.connectToEnrol();
    await first.first('welcome');
    await at.server.change({ limits: { enrolmentPerHost: 1 } });
    const second = await at.connectToEnrol();
    await second.first('welcome');
    expect(await first.ending()).toBe('server-full');
  });
});

describe('a running server', () => {
  test('takes another policy, other names and another retention', async () => {
    await using at = await testServer({ policy: 'closed', names: ['old.example'] });
    const namesAt = async () => {
      const client = await at.connectToEnrol();
      const { policy } = await client.first('welcome');
      return [policy, client.socket.getPeerCertificate().subjectaltname?.match(/\w+\.example/)?.[0]];
    };
    expect(await namesAt()).toEqual(['closed', 'old.example']);
    const before = at.server.certificateEndsAt;
    await at.server.change({
      policy: 'invite',
      names: ['new.example'],
      retention: { ageMs: 1, messages: null, bytes: null },
    });
    expect(await namesAt()).toEqual(['invite', 'new.example']);
    expect(at.server.certificateEndsAt).toBeGreaterThanOrEqual(before);
  });

  test('deletes what is beyond another retention without waiting for the next hour', async () => {
    await using at = await testServer();
    const expire = vi.spyOn(at.store, 'expire');
    const alice = await at.member('alice');
    await room('den', [alice]);
    await at.server.change({ retention: { ageMs: 1, messages: null, bytes: null } });
    await expect.poll(() => expire.mock.calls.length, { timeout: 60_000 }).toBe(1);
    await at.server.change({ retention: { ageMs: 1, messages: null, bytes: null } });
    expect(expire.mock.calls).toHaveLength(1);
  });

  test('changes nothing when it cannot issue a certificate with other names', async () => {
    await using at = await testServer({ policy: 'closed' });
    expect(await outcomeOf(at.server.change({ names: ['not a name'], policy: 'open' }))).not.toBe('ok');
    const client = await at.connectToEnrol();
    expect(await client.first('welcome')).toMatchObject({ policy: 'closed' });
  });
});
