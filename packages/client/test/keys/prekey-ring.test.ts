/** A user's own prekeys: which one the server has, and which ones the client keeps for how long. */
import { fromBase64url, limits, ProtocolError, prekeyStatement } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
import { FakeServer } from '../support/fake-server.ts';
import { authority, IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const day = limits.prekeyAge;
const minute = 60_000;
const lobby = [{ roomName: 'lobby', lacks: 'log' }] as const;
const crypto = createRoomCrypto();

let clock: ManualClock;
let server: FakeServer;
let alice: IsolatedClient;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeServer();
  alice = new IsolatedClient('alice', clock, server);
});

const atServer = () => server.prekeys.get('alice');
const ownAtServer = () => server.prekeyOf('alice');

test('publishes a prekey at the first login, signed by the identity key for this server', async () => {
  await alice.ring.publish();
  const { prekey, madeAt, signature } = atServer() ?? { prekey: '', madeAt: 0, signature: '' };
  const verifies = (serverId: string, user: string) => {
    const { domain, data } = prekeyStatement(serverId, { user, prekey, madeAt });
    return crypto.verify(alice.signer.publicKey, domain, data, fromBase64url(signature));
  };
  expect([verifies(authority.serverId, 'alice'), verifies('0'.repeat(64), 'alice')]).toEqual([true, false]);
  expect(verifies(authority.serverId, 'bob')).toBe(false);
  expect(alice.canOpen(prekey)).toBe(true);
});

test('stores a prekey before the server gets it, so that a crash in between does no harm', async () => {
  const { 'put-prekey': put } = server.answers;
  let storedFirst = false;
  server.answers['put-prekey'] = ({ prekey }) => {
    storedFirst = alice.canOpen(prekey);
    throw new ClientError('unreachable', 'The connection was lost.');
  };
  await alice.ring.publish();
  expect([storedFirst, alice.codes()]).toEqual([true, []]);

  if (put !== undefined) server.answers['put-prekey'] = put;
  const [before] = alice.vault.prekeys;
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  await alice.ring.publish();
  expect(atServer()?.prekey).toBe(before?.publicKey);
});

test('publishes nothing at a later login if the server has the current prekey', async () => {
  await alice.ring.publish();
  await new IsolatedClient('alice', clock, server, alice.vault).ring.publish();
  expect(server.of('put-prekey')).toHaveLength(1);
});

test('replaces the prekey after a day, keeps the previous one for another day, and then erases it', async () => {
  await alice.ring.publish();
  const first = atServer()?.prekey;
  await clock.advance(day - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect([second === first, alice.canOpen(first), alice.canOpen(second)]).toEqual([false, true, true]);
  await clock.advance(day);
  const third = atServer()?.prekey;
  expect([alice.canOpen(first), alice.canOpen(second), alice.canOpen(third)]).toEqual([false, true, true]);
  expect(alice.vault.prekeys).toHaveLength(2);
});

test('keeps the prekeys of two weeks while an invitation by a known user waits', async () => {
  alice.context.pins.trust('bob', 'b'.repeat(64));
  const { 'list-invitations': none } = server.answers;
  const invitation = {
    room: '0'.repeat(64),
    name: 'lobby',
    by: 'bob',
    policy: { join: 'invite', history: 'since-join' },
    at: clock.now(),
  };
  server.answers['list-invitations'] = () => ({ invitations: [invitation as never], more: false });
  const prekeys: (string | undefined)[] = [];
  await alice.ring.publish();
  for (let days = 0; days < 20; days++) {
    prekeys.push(atServer()?.prekey);
    await clock.advance(day);
  }
  const kept = new Set(alice.vault.prekeys.map(({ publicKey }) => publicKey));
  expect(prekeys.map((prekey) => kept.has(prekey ?? ''))).toEqual([...Array(7).fill(false), ...Array(13).fill(true)]);
  if (none !== undefined) server.answers['list-invitations'] = none;
  await clock.advance(day);
  expect(alice.vault.prekeys).toHaveLength(2);
});

test('keeps two prekeys again once an invitation has waited for a month, also in a direct room', async () => {
  alice.context.pins.trust('bob', 'b'.repeat(64));
  const policy = { join: 'direct', history: 'since-join' };
  const invitation = { room: '0'.repeat(64), name: 'dm-0', by: 'bob', policy, at: clock.now() };
  server.answers['list-invitations'] = () => ({ invitations: [invitation as never], more: false });
  await alice.ring.publish();
  await clock.advance(29 * day);
  expect(alice.vault.prekeys).toHaveLength(14);
  await clock.advance(2 * day);
  expect(alice.vault.prekeys).toHaveLength(2);
});

test('keeps two prekeys while only strangers invite, and looks through all pages for a known user', async () => {
  const policy = { join: 'invite', history: 'since-join' };
  const by = (user: string, name: string) =>
    ({ room: '0'.repeat(64), name, by: user, policy, at: clock.now() }) as never;
  server.answers['list-invitations'] = ({ after }) =>
    after === undefined
      ? { invitations: [by('mallory', 'a')], more: true }
      : { invitations: [by('bob', 'b')], more: false };
  await alice.ring.publish();
  await clock.advance(5 * day);
  expect(alice.vault.prekeys).toHaveLength(2);
  alice.context.pins.trust('bob', 'b'.repeat(64));
  await clock.advance(3 * day);
  expect(alice.vault.prekeys).toHaveLength(5);
});

test('keeps the prekeys while the keys of an accepted invitation are on their way', async () => {
  await alice.ring.publish();
  await clock.advance(day);
  server.answers['list-invitations'] = () => {
    alice.unsettled = lobby;
    return { invitations: [], more: false };
  };
  await clock.advance(day);
  expect(alice.vault.prekeys).toHaveLength(3);
});

test('does not replace the prekey within a minute of a login or a change', async () => {
  await alice.ring.publish();
  const first = atServer()?.prekey;
  alice.ring.disconnected();
  clock.sleep(4 * day);
  await alice.ring.publish();
  await clock.advance(minute - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect(second === first).toBe(false);
  clock.sleep(5 * day);
  await clock.advance(minute - 1);
  expect([atServer()?.prekey === second, alice.canOpen(first)]).toEqual([true, true]);
});

test('does not replace the prekey again within two days while the server does not have the current one', async () => {
  await alice.ring.publish();
  const first = atServer()?.prekey;
  const refuse = () => {
    throw new ProtocolError('rate-limited', 'Too many.');
  };
  server.answers['put-prekey'] = refuse;
  server.answers['get-prekeys'] = refuse;
  await clock.advance(3 * day - 1);
  expect([alice.vault.prekeys.length, alice.canOpen(first)]).toEqual([2, true]);
  expect(alice.codes()).toEqual(['rate-limited']);
});

test('publishes a prekey again a minute after the server failed', async () => {
  const { 'put-prekey': put } = server.answers;
  server.answers['put-prekey'] = () => {
    throw new ProtocolError('internal', 'The disk is full.');
  };
  await alice.ring.publish();
  if (put !== undefined) server.answers['put-prekey'] = put;
  await clock.advance(59_999);
  expect(atServer()).toBeUndefined();
  await clock.advance(1);
  expect(alice.canOpen(atServer()?.prekey)).toBe(true);
});

test('reports a prekey that the server invented for the user, and publishes the user’s own', async () => {
  await alice.ring.publish();
  const own = ownAtServer();
  const again = new IsolatedClient('alice', clock, server, alice.vault);
  server.prekeys.set('alice', { ...own, prekey: `${own.prekey.slice(0, -1)}A`, madeAt: 1 });
  await again.ring.publish();
  expect(again.codes()).toEqual(['wrong-prekey']);
  expect(ownAtServer().prekey).toBe(own.prekey);
});

test('reports the user’s own prekey under another identity key', async () => {
  await alice.ring.publish();
  server.prekeys.set('alice', { ...ownAtServer(), key: 'AAAA' });
  const again = new IsolatedClient('alice', clock, server, alice.vault);
  await again.ring.publish();
  expect(again.codes()).toContain('wrong-prekey');
});

test('replaces a prekey in time after the clock was set back, each with a later time than the one before', async () => {
  const setBack = new ManualClock();
  await clock.advance(8 * day);
  await alice.ring.publish();
  const ahead = atServer();
  alice = new IsolatedClient('alice', setBack, server, alice.vault);
  await alice.ring.publish();
  expect(atServer()?.prekey).toBe(ahead?.prekey);
  await setBack.advance(day / 2);
  alice.ring.disconnected();
  alice = new IsolatedClient('alice', setBack, server, { ...alice.vault, prekeys: alice.ring.stored });
  await alice.ring.publish();
  await setBack.advance(day / 2);
  expect(atServer()?.prekey).not.toBe(ahead?.prekey);
  expect(atServer()?.madeAt).toBeGreaterThan(ahead?.madeAt ?? Number.NaN);
});

test('cancels its timers when the connection is lost, and continues at the next login', async () => {
  await alice.ring.publish();
  expect(clock.waiting).toBe(1);
  alice.ring.disconnected();
  expect(clock.waiting).toBe(0);
  await clock.advance(2 * day);
  expect(server.of('put-prekey')).toHaveLength(1);
  await alice.ring.publish();
  await clock.advance(minute);
  expect(server.of('put-prekey')).toHaveLength(2);
});

test('starts no timer if the connection is lost during the first publication', async () => {
  server.answers['put-prekey'] = () => {
    alice.ring.disconnected();
    return {};
  };
  await alice.ring.publish();
  expect(clock.waiting).toBe(0);
});
