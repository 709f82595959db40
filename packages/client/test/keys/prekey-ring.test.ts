/** A user's own prekeys: which one the server has, and which ones the client keeps for how long. */
import { fromBase64url, limits, ProtocolError, prekeyId, prekeyStatement, toBase64url } from '@chat/protocol';
import { createRoomCrypto, linkContext } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
import { authority, IsolatedClient, isolatedAlice } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = limits.prekeyAge;
const minute = 60_000;
const crypto = createRoomCrypto();
const bob = 'b'.repeat(64);

let { clock, server, alice } = isolatedAlice();

beforeEach(() => {
  ({ clock, server, alice } = isolatedAlice());
});

const atServer = () => server.prekeys.get('alice');
const ownAtServer = () => server.prekeyOf('alice');

/** Puts the opening of a link to a prekey, as the server takes it until two minutes after the change. */
function mailTo(prekey: string): void {
  const { fingerprint } = alice.identity;
  const opened = crypto.openLink({
    recipient: fromBase64url(prekey),
    context: linkContext(authority.serverId, bob, fingerprint),
  });
  if (opened === null) throw new Error('no prekey');
  const { link, opening } = opened;
  const mail = { from: bob, id: fromBase64url(link.id), prekey: prekeyId(prekey), opening };
  server.openings.set(fingerprint, [...(server.openings.get(fingerprint) ?? []), mail]);
}

const linksOf = ({ links }: IsolatedClient) => links.incoming.toJSON().filter(({ link }) => link !== null).length;

test('publishes a prekey at the first login, signed by the identity key for this server', async () => {
  await alice.connect();
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
  await alice.connect();
  expect([storedFirst, alice.codes()]).toEqual([true, []]);

  if (put !== undefined) server.answers['put-prekey'] = put;
  const [before] = alice.vault.prekeys;
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  await alice.connect();
  expect(atServer()?.prekey).toBe(before?.publicKey);
});

test('publishes nothing at a later login if the server has the current prekey', async () => {
  await alice.connect();
  await new IsolatedClient('alice', clock, server, alice.vault).connect();
  expect(server.of('put-prekey')).toHaveLength(1);
});

test('replaces the prekey after an hour, and erases the one before when no opening to it can come any more', async () => {
  await alice.connect();
  const first = atServer()?.prekey;
  await clock.advance(hour - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect([second === first, alice.canOpen(first), alice.canOpen(second)]).toEqual([false, true, true]);
  await clock.advance(3 * minute - 1);
  expect(alice.canOpen(first)).toBe(true);
  await clock.advance(1);
  expect([alice.canOpen(first), alice.canOpen(second)]).toEqual([false, true]);
  for (let hours = 0; hours < 30; hours++) {
    await clock.advance(hour);
    expect(alice.vault.prekeys.length).toBeLessThanOrEqual(2);
  }
  expect(server.of('put-prekey')).toHaveLength(32);
});

test('reads an opening to the prekey before that comes just before the server takes no more of them', async () => {
  await alice.connect();
  const first = ownAtServer().prekey;
  await clock.advance(hour + 2 * minute - 1);
  mailTo(first);
  await clock.advance(minute + 1);
  expect([alice.canOpen(first), linksOf(alice)]).toEqual([false, 1]);
});

test('erases no prekey while openings to it may wait: no page was read to the end since', async () => {
  await alice.connect();
  const first = ownAtServer().prekey;
  const { 'get-links': get } = server.answers;
  server.answers['get-links'] = async (fields, caller) => ({
    links: (await get?.(fields, caller))?.links ?? [],
    more: true,
  });
  await clock.advance(hour + 30 * minute);
  expect(alice.canOpen(first)).toBe(true);
  if (get !== undefined) server.answers['get-links'] = get;
  await clock.advance(minute);
  expect(alice.canOpen(first)).toBe(false);
});

test('reads what was opened to its prekey in a week without a connection, and then has that prekey no more', async () => {
  await alice.connect();
  const first = ownAtServer().prekey;
  await clock.advance(hour / 2);
  alice.disconnect();
  clock.sleep(7 * 24 * hour);
  for (let count = 0; count < 120; count++) mailTo(first);
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  await alice.connect();
  await clock.advance(5 * minute);
  expect([linksOf(alice), alice.canOpen(first), ownAtServer().prekey === first]).toEqual([120, false, false]);
});

test('keeps the prekey before over a crash between its change and the answer, until the server takes none to it', async () => {
  await alice.connect();
  const first = ownAtServer().prekey;
  const { 'put-prekey': put } = server.answers;
  server.answers['put-prekey'] = () => {
    throw new ClientError('unreachable', 'The connection was lost.');
  };
  await clock.advance(hour);
  alice.disconnect();
  // The server goes on handing out the first one.
  clock.sleep(24 * hour);
  mailTo(first);
  if (put !== undefined) server.answers['put-prekey'] = put;
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  await alice.connect();
  await clock.advance(minute);
  mailTo(first);
  expect([ownAtServer().prekey === first, alice.canOpen(first)]).toEqual([false, true]);
  await clock.advance(2 * minute);
  expect([linksOf(alice), alice.canOpen(first)]).toEqual([2, false]);
});

test('keeps no prekey for rooms that are unread nor for an invitation that waits', async () => {
  alice.context.pins.trust('bob', bob);
  const policy = { join: 'invite', history: 'since-join' };
  const invitation = { room: '0'.repeat(64), name: 'lobby', by: 'bob', policy, at: clock.now() };
  server.answers['list-invitations'] = () => ({ invitations: [invitation as never], more: false });
  alice.unsettled = [{ roomName: 'lobby', lacks: 'log' }];
  await alice.connect();
  for (let hours = 0; hours < 20; hours++) {
    await clock.advance(hour);
    expect(alice.vault.prekeys.length).toBeLessThanOrEqual(2);
  }
  expect(alice.codes()).toEqual([]);
});

test('erases all but one of the prekeys that an earlier version has kept, once their openings are read', async () => {
  await alice.connect();
  const [current] = alice.vault.prekeys;
  if (current === undefined) throw new Error('no prekey');
  const { publishedAt: _, ...stored } = current;
  const older = Array.from({ length: 13 }, (_, days) => {
    const { seed, publicKey } = crypto.newPrekey();
    const [made, since] = [current.madeAt - days - 1, current.since - (days + 1) * 24 * hour];
    return { seed: toBase64url(seed), publicKey: toBase64url(publicKey), madeAt: made, since, unsettled: 'told' };
  });
  mailTo(older[12]?.publicKey ?? '');
  alice = new IsolatedClient('alice', clock, server, { ...alice.vault, prekeys: [stored, ...older] });
  await alice.connect();
  await clock.advance(3 * minute);
  expect([alice.vault.prekeys.map(({ publicKey }) => publicKey), linksOf(alice)]).toEqual([[current.publicKey], 1]);
});

test('does not replace the prekey within a minute of a login or a change', async () => {
  await alice.connect();
  const first = atServer()?.prekey;
  alice.disconnect();
  clock.sleep(4 * hour);
  await alice.connect();
  await clock.advance(minute - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect(second === first).toBe(false);
  clock.sleep(5 * hour);
  await clock.advance(minute - 1);
  expect([atServer()?.prekey === second, alice.canOpen(first)]).toEqual([true, true]);
});

test('replaces the prekey soon after a machine has slept with its connection', async () => {
  await alice.connect();
  const first = atServer()?.prekey;
  clock.sleep(5 * hour);
  await clock.advance(10 * minute);
  expect(atServer()?.prekey).not.toBe(first);
});

test('makes no further prekey while the server does not take the current one', async () => {
  await alice.connect();
  const first = atServer()?.prekey;
  const refuse = () => {
    throw new ProtocolError('rate-limited', 'Too many.');
  };
  server.answers['put-prekey'] = refuse;
  server.answers['get-prekeys'] = refuse;
  await clock.advance(3 * hour - 1);
  expect([alice.vault.prekeys.length, alice.canOpen(first)]).toEqual([2, true]);
  expect(alice.codes()).toEqual(['rate-limited']);
});

test('publishes a prekey again a minute after the server failed', async () => {
  const { 'put-prekey': put } = server.answers;
  server.answers['put-prekey'] = () => {
    throw new ProtocolError('internal', 'The disk is full.');
  };
  await alice.connect();
  if (put !== undefined) server.answers['put-prekey'] = put;
  await clock.advance(59_999);
  expect(atServer()).toBeUndefined();
  await clock.advance(1);
  expect(alice.canOpen(atServer()?.prekey)).toBe(true);
});

test('reports a prekey that the server invented for the user, and publishes the user’s own', async () => {
  await alice.connect();
  const own = ownAtServer();
  const again = new IsolatedClient('alice', clock, server, alice.vault);
  server.prekeys.set('alice', { ...own, prekey: `${own.prekey.slice(0, -1)}A`, madeAt: 1 });
  await again.connect();
  expect(again.codes()).toEqual(['wrong-prekey']);
  expect(ownAtServer().prekey).toBe(own.prekey);
  // What it invents is no sign of a loss.
  expect(again.vault.serverLostAt).toBeUndefined();
});

test('reports the user’s own prekey under another identity key', async () => {
  await alice.connect();
  server.prekeys.set('alice', { ...ownAtServer(), key: 'AAAA' });
  const again = new IsolatedClient('alice', clock, server, alice.vault);
  await again.connect();
  expect(again.codes()).toContain('wrong-prekey');
});

test('replaces and erases prekeys in time after the clock was set back, each with a later time than the one before', async () => {
  const setBack = new ManualClock();
  await clock.advance(8 * 24 * hour);
  await alice.connect();
  const ahead = atServer();
  alice = new IsolatedClient('alice', setBack, server, alice.vault);
  await alice.connect();
  expect(atServer()?.prekey).toBe(ahead?.prekey);
  await setBack.advance(hour / 2);
  alice.disconnect();
  alice = new IsolatedClient('alice', setBack, server, { ...alice.vault, prekeys: alice.ring.stored });
  await alice.connect();
  await setBack.advance(hour / 2);
  expect(atServer()?.prekey).not.toBe(ahead?.prekey);
  expect(atServer()?.madeAt).toBeGreaterThan(ahead?.madeAt ?? Number.NaN);
  setBack.sleep(-2 * hour);
  await setBack.advance(20 * minute);
  expect(alice.canOpen(ahead?.prekey)).toBe(false);
});

test('cancels its timers when the connection is lost, and continues at the next login', async () => {
  await alice.ring.publish();
  expect(clock.waiting).toBe(1);
  alice.ring.disconnected();
  expect(clock.waiting).toBe(0);
  await clock.advance(2 * hour);
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
