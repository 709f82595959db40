/** Prekeys in the user's name that this client did not make, and prekeys that are dated ahead. */
import { limits, ProtocolError, prekeyStatement, prekeySuite, type SignedPrekey, toBase64url } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { authority, IsolatedClient, isolatedAlice } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = limits.prekeyAge;
const minute = 60_000;
const crypto = createRoomCrypto();

let { clock, server, alice } = isolatedAlice();

beforeEach(() => {
  ({ clock, server, alice } = isolatedAlice());
});

const atServer = () => server.prekeys.get('alice');
const ownAtServer = () => server.prekeyOf('alice');

const foreign = ({ events }: IsolatedClient) =>
  events.flatMap((event) => (event.kind === 'foreign-prekey' ? [event.ahead] : []));

/** Stores a prekey in Alice's name, as another program with her identity key would. */
function intrude(madeAt: number): SignedPrekey {
  const prekey = toBase64url(crypto.newPrekey().publicKey);
  const { domain, data } = prekeyStatement(authority.serverId, { user: 'alice', prekey, madeAt });
  const { key } = alice.identity;
  const record: SignedPrekey = {
    user: 'alice',
    key,
    suite: prekeySuite,
    prekey,
    madeAt,
    signature: toBase64url(alice.signer.sign(domain, data)),
  };
  server.prekeys.set('alice', record);
  return record;
}

test('makes a prekey later than the server’s in a profile that was restored from a backup', async () => {
  await alice.connect();
  const copy = alice.vault;
  await clock.advance(hour);
  const lost = atServer();
  alice = new IsolatedClient('alice', clock, server, copy);
  await alice.connect();
  expect(atServer()?.madeAt).toBeGreaterThan(lost?.madeAt ?? Number.NaN);
  expect(alice.canOpen(atServer()?.prekey)).toBe(true);
  expect([foreign(alice), alice.codes()]).toEqual([[false], []]);
});

test('reports a later prekey that it did not make, at the login or at its own next change, and replaces it', async () => {
  await alice.connect();
  const other = intrude(ownAtServer().madeAt + 5_000);
  await clock.advance(hour);
  // The server refuses the next prekey, which is earlier. The next attempt finds out why.
  await clock.advance(minute);
  expect([foreign(alice), alice.codes()]).toEqual([[false], ['prekey-refused']]);
  expect([ownAtServer().madeAt > other.madeAt, alice.canOpen(ownAtServer().prekey)]).toEqual([true, true]);
  await clock.advance(hour);
  expect(foreign(alice)).toEqual([false]);
});

test('reports an earlier prekey of its own neither as foreign nor as wrong, and publishes the current one', async () => {
  await alice.connect();
  const first = ownAtServer();
  for (let days = 0; days < 3; days++) await clock.advance(hour);
  const current = ownAtServer();
  server.prekeys.set('alice', first);
  alice.disconnect();
  await alice.connect();
  expect([foreign(alice), alice.codes(), ownAtServer().prekey]).toEqual([[], [], current.prekey]);
});

test('replaces a foreign prekey from the end of time by one of today, and reports it once', async () => {
  server.now = clock.now;
  await alice.connect();
  alice.disconnect();
  intrude(Number.MAX_SAFE_INTEGER);
  await alice.connect();
  expect(foreign(alice)).toEqual([true]);
  expect([ownAtServer().madeAt < clock.now(), alice.canOpen(ownAtServer().prekey)]).toEqual([true, true]);
  await clock.advance(2 * hour);
  expect([foreign(alice), alice.codes()]).toEqual([[true], []]);
});

test('reports a foreign prekey once if the server goes on showing it', async () => {
  await alice.connect();
  const other = intrude(Number.MAX_SAFE_INTEGER);
  server.answers['get-prekeys'] = () => ({ prekeys: [other] });
  server.answers['put-prekey'] = () => {
    throw new ProtocolError('prekey-refused', 'The stored one is later.');
  };
  for (let logins = 0; logins < 3; logins++) {
    alice.disconnect();
    await alice.connect();
    await clock.advance(10 * minute);
  }
  expect(foreign(alice)).toEqual([true]);
});

test('replaces a prekey from a clock that was far ahead at once, and then in time', async () => {
  await clock.advance(1_000 * hour);
  await alice.connect();
  const ahead = atServer();
  const setBack = new ManualClock();
  server.now = setBack.now;
  alice = new IsolatedClient('alice', setBack, server, alice.vault);
  await alice.connect();
  const second = atServer();
  expect([second?.prekey === ahead?.prekey, alice.canOpen(ahead?.prekey)]).toEqual([false, true]);
  expect(second?.madeAt).toBeLessThan(setBack.now());
  await setBack.advance(hour);
  expect(atServer()?.prekey).not.toBe(second?.prekey);
  expect([foreign(alice), alice.codes()]).toEqual([[], []]);
});
