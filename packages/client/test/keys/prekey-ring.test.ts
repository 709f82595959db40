/** A user's own prekeys: what is at the server, what is kept here, and for how long. */
import { fromBase64url, limits, ProtocolError, prekeyStatement, type SignedPrekey } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
import { FakeServer } from '../support/fake-server.ts';
import { authority, IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const day = limits.prekeyAge;
const minute = 60_000;
const crypto = createRoomCrypto();

let clock: ManualClock;
let desk: FakeServer;
let ada: IsolatedClient;

beforeEach(() => {
  clock = new ManualClock();
  desk = new FakeServer();
  ada = new IsolatedClient('ada', clock, desk);
});

const atServer = () => desk.prekeys.get('ada');
const ownAtServer = (): SignedPrekey => {
  const own = atServer();
  if (own === undefined) throw new Error('the server has none');
  return own;
};
/** Whether a wrap for this public key can be opened with what the vault has. */
const canOpen = (publicKey: string | undefined) =>
  ada.vault.prekeys.some((prekey) => {
    const context = new Uint8Array(1);
    const envelope = crypto.wrap(fromBase64url(publicKey ?? ''), new Uint8Array(32), context);
    const pair = { publicKey: fromBase64url(prekey.publicKey), privateKey: fromBase64url(prekey.privateKey) };
    return envelope !== null && crypto.unwrap(pair, envelope, context) !== null;
  });

test('the first login puts one there that the identity key has signed for this server', async () => {
  await ada.ring.publish();
  const { prekey, madeAt, signature } = atServer() ?? { prekey: '', madeAt: 0, signature: '' };
  const verifies = (ca: string, user: string) => {
    const { domain, data } = prekeyStatement(ca, { user, prekey, madeAt });
    return crypto.verify(ada.signer.publicKey, domain, data, fromBase64url(signature));
  };
  expect([verifies(authority.fingerprint, 'ada'), verifies('0'.repeat(64), 'ada')]).toEqual([true, false]);
  expect(verifies(authority.fingerprint, 'bob')).toBe(false);
  expect(canOpen(prekey)).toBe(true);
});

test('it is stored before the server hears of it, so that a crash between the two costs nothing', async () => {
  const { 'put-prekey': put } = desk.answers;
  let storedFirst = false;
  desk.answers['put-prekey'] = ({ prekey }) => {
    storedFirst = canOpen(prekey);
    throw new ClientError('unreachable', 'The connection was lost.');
  };
  await ada.ring.publish();
  expect([storedFirst, ada.codes()]).toEqual([true, []]);

  if (put !== undefined) desk.answers['put-prekey'] = put;
  const [before] = ada.vault.prekeys;
  ada = new IsolatedClient('ada', clock, desk, ada.vault);
  await ada.ring.publish();
  expect(atServer()?.prekey).toBe(before?.publicKey);
});

test('a later login puts nothing there when the current one is', async () => {
  await ada.ring.publish();
  await new IsolatedClient('ada', clock, desk, ada.vault).ring.publish();
  expect(desk.of('put-prekey')).toHaveLength(1);
});

test('after a day there is another, the one before is kept for one more, and then erased', async () => {
  await ada.ring.publish();
  const first = atServer()?.prekey;
  await clock.advance(day - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect([second === first, canOpen(first), canOpen(second)]).toEqual([false, true, true]);
  await clock.advance(day);
  const third = atServer()?.prekey;
  expect([canOpen(first), canOpen(second), canOpen(third)]).toEqual([false, true, true]);
  expect(ada.vault.prekeys).toHaveLength(2);
});

test('while an invitation waits, what was wrapped in two weeks can be opened', async () => {
  const { 'list-invitations': none } = desk.answers;
  const invitation = {
    room: '0'.repeat(64),
    name: 'lobby',
    by: 'bob',
    policy: { join: 'invite', history: 'since-join' },
  };
  desk.answers['list-invitations'] = () => ({ invitations: [invitation as never], more: false });
  const prekeys: (string | undefined)[] = [];
  await ada.ring.publish();
  for (let days = 0; days < 20; days++) {
    prekeys.push(atServer()?.prekey);
    await clock.advance(day);
  }
  const kept = new Set(ada.vault.prekeys.map(({ publicKey }) => publicKey));
  expect(prekeys.map((prekey) => kept.has(prekey ?? ''))).toEqual([...Array(7).fill(false), ...Array(13).fill(true)]);
  if (none !== undefined) desk.answers['list-invitations'] = none;
  await clock.advance(day);
  expect(ada.vault.prekeys).toHaveLength(2);
});

test('and while one is being taken up, as its keys are still on their way', async () => {
  await ada.ring.publish();
  await clock.advance(day);
  desk.answers['list-invitations'] = () => {
    ada.settled = false;
    return { invitations: [], more: false };
  };
  await clock.advance(day);
  expect(ada.vault.prekeys).toHaveLength(3);
});

test('nothing is changed before all rooms are caught up', async () => {
  await ada.ring.publish();
  const first = atServer()?.prekey;
  ada.settled = false;
  await clock.advance(3 * day);
  expect(atServer()?.prekey).toBe(first);
  ada.settled = true;
  await clock.advance(minute);
  expect(atServer()?.prekey === first).toBe(false);
});

test('nor soon after a login or a change: what others wrap to the one before is still on its way', async () => {
  await ada.ring.publish();
  const first = atServer()?.prekey;
  ada.ring.disconnected();
  clock.sleep(4 * day);
  await ada.ring.publish();
  await clock.advance(minute - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  const second = atServer()?.prekey;
  expect(second === first).toBe(false);
  clock.sleep(5 * day);
  await clock.advance(minute - 1);
  expect([atServer()?.prekey === second, canOpen(first)]).toEqual([true, true]);
});

test('nor while the server does not have the current one, whose place it would take', async () => {
  await ada.ring.publish();
  const first = atServer()?.prekey;
  const refuse = () => {
    throw new ProtocolError('rate-limited', 'Too many.');
  };
  desk.answers['put-prekey'] = refuse;
  desk.answers['get-prekeys'] = refuse;
  await clock.advance(3 * day);
  expect([ada.vault.prekeys.length, canOpen(first)]).toEqual([2, true]);
  expect(ada.codes()).toEqual(['rate-limited']);
});

test('what the server could not take is put there a minute later', async () => {
  const { 'put-prekey': put } = desk.answers;
  desk.answers['put-prekey'] = () => {
    throw new ProtocolError('internal', 'The disk is full.');
  };
  await ada.ring.publish();
  if (put !== undefined) desk.answers['put-prekey'] = put;
  await clock.advance(59_999);
  expect(atServer()).toBeUndefined();
  await clock.advance(1);
  expect(canOpen(atServer()?.prekey)).toBe(true);
});

test('a profile that was put back from a copy makes one that is later than the server’s', async () => {
  await ada.ring.publish();
  const copy = ada.vault;
  await clock.advance(day);
  const lost = atServer();
  ada = new IsolatedClient('ada', clock, desk, copy);
  await ada.ring.publish();
  expect(atServer()?.madeAt).toBeGreaterThan(lost?.madeAt ?? Number.NaN);
  expect(canOpen(atServer()?.prekey)).toBe(true);
});

test('a prekey that the server made up for us is told, and ours put in its place', async () => {
  await ada.ring.publish();
  const own = ownAtServer();
  const again = new IsolatedClient('ada', clock, desk, ada.vault);
  desk.prekeys.set('ada', { ...own, prekey: `${own.prekey.slice(0, -1)}A`, madeAt: 1 });
  await again.ring.publish();
  expect(again.codes()).toEqual(['wrong-prekey']);
  expect(ownAtServer().prekey).toBe(own.prekey);
});

test('ours under the key of somebody else is told too', async () => {
  await ada.ring.publish();
  desk.prekeys.set('ada', { ...ownAtServer(), key: 'AAAA' });
  const again = new IsolatedClient('ada', clock, desk, ada.vault);
  await again.ring.publish();
  expect(again.codes()).toContain('wrong-prekey');
});

test('a clock that was ahead and is set back does not keep one in use, and each is later than the one before', async () => {
  await clock.advance(1_000 * day);
  await ada.ring.publish();
  const ahead = atServer();
  const setBack = new ManualClock();
  ada = new IsolatedClient('ada', setBack, desk, ada.vault);
  await ada.ring.publish();
  expect(atServer()?.prekey).toBe(ahead?.prekey);
  await setBack.advance(day / 2);
  ada.ring.disconnected();
  ada = new IsolatedClient('ada', setBack, desk, { ...ada.vault, prekeys: ada.ring.stored });
  await ada.ring.publish();
  await setBack.advance(day / 2);
  expect(atServer()?.prekey).not.toBe(ahead?.prekey);
  expect(atServer()?.madeAt).toBe((ahead?.madeAt ?? 0) + 1);
});

test('nothing waits once the connection is lost, and the next login goes on', async () => {
  await ada.ring.publish();
  expect(clock.waiting).toBe(1);
  ada.ring.disconnected();
  expect(clock.waiting).toBe(0);
  await clock.advance(2 * day);
  expect(desk.of('put-prekey')).toHaveLength(1);
  await ada.ring.publish();
  await clock.advance(minute);
  expect(desk.of('put-prekey')).toHaveLength(2);
});

test('a connection that is lost while the first one is put there leaves nothing waiting', async () => {
  desk.answers['put-prekey'] = () => {
    ada.ring.disconnected();
    return {};
  };
  await ada.ring.publish();
  expect(clock.waiting).toBe(0);
});
