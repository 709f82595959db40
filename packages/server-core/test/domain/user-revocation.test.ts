/** Revocation of a user: the server refuses the name and the key, and every room gets an entry that the CA has signed. */
import { createPublicKey } from 'node:crypto';
import { readCertificate, readCrl } from '@chat/mini-ca';
import { encodePayload, entryDomain, parsePayload, type SignedEntry } from '@chat/protocol';
import { importVerifier } from '@chat/signatures';
import { expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import type { HeldCertificate } from '../../src/index.ts';
import { author, enrol, renew } from '../support/enrolling.ts';
import { invite, join, message, newCid } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { authority, type Citizen, certificateFor, room, type TestServer, testServer } from '../support/test-server.ts';
import { UnsteadyStore } from '../support/unsteady-store.ts';

const caKey = importVerifier(createPublicKey(authority.certificate).export({ type: 'spki', format: 'der' }));

async function enrolAndLogIn(at: TestServer, user: string) {
  const who = await enrol(at, author(user));
  return { who, client: await at.login(who) };
}

/** Returns the users whom the CA has revoked in a room, according to what a follower was sent. */
function revokedIn(client: TestClient, id: string): (string | undefined)[] {
  const entries = client.pushes.flatMap((each) => (each.push === 'entry' && each.room === id ? [each.entry] : []));
  const genuine = ({ type, by, payload, signature }: SignedEntry) =>
    type === 'revoke' && by === caKey.fingerprint && caKey.verify(entryDomain('revoke', id), payload, signature);
  return entries.filter(genuine).map(({ payload }) => parsePayload('revoke', payload)?.user);
}

/** Returns the code with which the server refuses a user's connection; null when TLS refuses the certificate without a word. */
async function refusalOf(at: TestServer, who: Pick<Citizen, 'certificate' | 'key'>): Promise<string | null> {
  const client = await at.connect(who);
  return client.ending();
}

/** Logs in and returns the code of the refusal. */
async function loginOutcome(at: TestServer, who: Citizen): Promise<unknown> {
  const client = await at.connect(who);
  return outcomeOf(client.request('login', await at.loginRequest(client, who)));
}

test('ends sessions and memberships, and refuses the name and the key from then on', async () => {
  await using at = await testServer();
  const [alice, bob] = [await enrolAndLogIn(at, 'alice'), await enrolAndLogIn(at, 'bob')];
  const second = await at.login(bob.who);
  const { id, head } = await room('den', [alice, bob]);
  await alice.client.request('subscribe', { room: id, after: 0 });
  await room('apart', [alice]);

  const revoked = await at.server.revoke('bob', 'keyCompromise');
  expect(revoked).toMatchObject({ users: ['bob'], sessions: 2, rooms: 1, certificates: 1 });
  expect([await bob.client.ending(), await second.ending()]).toEqual(['access-revoked', 'access-revoked']);
  expect(at.server.connectionsOf('bob')).toBe(0);

  await alice.client.until(() => alice.client.positions(id).includes(head + 1));
  expect(revokedIn(alice.client, id)).toEqual(['bob']);
  const entry = message(alice.who, id, 1);
  expect(await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }))).toBe('rekey-pending');

  // A certificate that is on the list is refused before a session begins. With one that is not, the client gets as far as the login.
  expect(await refusalOf(at, bob.who)).toBe('certificate-refused');
  const unlisted = certificateFor({ user: 'bob', fingerprint: bob.who.signer.fingerprint });
  expect(await loginOutcome(at, { ...bob.who, ...unlisted })).toBe('access-revoked');
  expect(await outcomeOf(renew(at, bob.who))).toBe('access-revoked');
  expect(await outcomeOf(enrol(at, bob.who))).toBe('access-revoked');
  // With another key, no requester learns that the name is revoked.
  const impostor = author('bob');
  expect(await loginOutcome(at, { ...impostor, ...unlisted })).toBe('login-refused');
  expect(await outcomeOf(renew(at, impostor))).toBe('login-refused');
  expect(await outcomeOf(enrol(at, impostor))).toBe('user-name-taken');
  expect(await outcomeOf(enrol(at, { ...bob.who, user: 'robert' }))).toBe('access-revoked');
  expect(await at.store.findAccount('robert')).toBeNull();
  // Other users are not affected.
  await alice.client.request('ping', {});
  await at.login(alice.who);
});

test('changes nothing the second time, and refuses an unknown name', async () => {
  await using at = await testServer();
  await enrolAndLogIn(at, 'bob');
  const first = await at.server.revoke('bob', 'superseded');
  const again = await at.server.revoke('bob', 'keyCompromise');
  expect(again).toEqual({ users: ['bob'], since: first.since, sessions: 0, rooms: 0, certificates: 0 });
  expect(await outcomeOf(at.server.revoke('unknown', 'unspecified'))).toBe('unknown-user');
});

test('takes a user out of rooms that the user is only invited to, and refuses new invitations', async () => {
  await using at = await testServer();
  const [alice, bob] = [await enrolAndLogIn(at, 'alice'), await enrolAndLogIn(at, 'bob')];
  const rooms: { id: string; seq: number }[] = [];
  for (let index = 0; index < 18; index++) {
    const { id, head } = await room(`room-${index}`, [alice]);
    const entry = invite(alice.who, id, { about: bob.who, seq: head });
    const { seq } = await alice.client.request('append', { room: id, cid: newCid(), entry });
    await alice.client.request('subscribe', { room: id, after: 0 });
    rooms.push({ id, seq });
  }
  expect(await at.server.revoke('bob', 'unspecified')).toMatchObject({ rooms: 18 });
  for (const { id, seq } of rooms) {
    await alice.client.until(() => alice.client.positions(id).includes(seq + 1));
    expect(revokedIn(alice.client, id)).toEqual(['bob']);
    const entry = invite(alice.who, id, { about: bob.who, seq: seq + 1 });
    expect(await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }))).toBe('unknown-user');
  }
});

test('revokes all names of the key, each in its own rooms', async () => {
  await using at = await testServer();
  const [alice, bob] = [await enrolAndLogIn(at, 'alice'), await enrolAndLogIn(at, 'bob')];
  const robert = await enrol(at, { ...bob.who, user: 'robert' });
  const client = await at.login(robert);
  const { id } = await room('den', [alice, { who: robert, client }]);
  await alice.client.request('subscribe', { room: id, after: 0 });
  const { users, sessions, rooms, certificates } = await at.server.revoke('bob', 'unspecified');
  expect({ users, sessions, rooms, certificates }).toEqual({
    users: ['bob', 'robert'],
    sessions: 2,
    rooms: 1,
    certificates: 2,
  });
  await alice.client.until(() => revokedIn(alice.client, id).length > 0);
  expect(revokedIn(alice.client, id)).toEqual(['robert']);
  expect(await client.ending()).toBe('access-revoked');
});

test('finishes at the next start what was only marked, before it accepts connections', async () => {
  const disk = new MemoryDisk();
  const before = await testServer({ store: createMemoryStore(disk) });
  const [alice, bob] = [await enrolAndLogIn(before, 'alice'), await enrolAndLogIn(before, 'bob')];
  const { id, head } = await room('den', [alice, bob]);
  await before[Symbol.asyncDispose]();
  await createMemoryStore(disk).revokeAccount('bob', { at: Date.now(), reason: 'keyCompromise' });

  const lists: string[] = [];
  await using at = await testServer({
    store: createMemoryStore(disk),
    publishRevocations: async (list) => void lists.push(list),
  });
  const { serial } = readCertificate(bob.who.certificate);
  expect(readCrl(lists.at(-1) ?? '').revoked.get(serial)?.reason).toBe('keyCompromise');
  expect(await refusalOf(at, bob.who)).toBe('certificate-refused');
  const client = await at.login(alice.who);
  await client.request('subscribe', { room: id, after: 0 });
  await client.until(() => client.positions(id).length === head + 1);
  expect(revokedIn(client, id)).toEqual(['bob']);
  // It happens once.
  expect(await at.server.revoke('bob', 'unspecified')).toMatchObject({ rooms: 0, certificates: 0 });
});

test('refuses a login that was under way', async () => {
  await using at = await testServer();
  const bob = await enrol(at, author('bob'));
  const client = await at.connect(bob);
  const answer = await at.loginRequest(client, bob);
  expect(await at.server.revoke('bob', 'unspecified')).toMatchObject({ sessions: 0 });
  expect(await outcomeOf(client.request('login', answer))).toBe('access-revoked');
  await client.closed;
});

test('counts pending joins and invitations of the user before it revokes them', async () => {
  const unsteady = new UnsteadyStore();
  await using at = await testServer({ store: unsteady.store });
  const [alice, bob] = [await enrolAndLogIn(at, 'alice'), await enrolAndLogIn(at, 'bob')];
  const { id, head } = await room('den', [alice]);
  const other = await room('attic', [alice]);
  unsteady.plan = [{ hold: 'before' }, { hold: 'before' }];
  const entry = invite(alice.who, other.id, { about: bob.who, seq: other.head });
  const invited = alice.client.request('append', { room: other.id, cid: newCid(), entry });
  await expect.poll(() => unsteady.waiting).toBe(1);
  const joined = outcomeOf(bob.client.request('append', { room: id, cid: newCid(), entry: join(bob.who, id, head) }));
  await expect.poll(() => unsteady.waiting).toBe(2);

  const revoking = at.server.revoke('bob', 'unspecified');
  expect(await bob.client.ending()).toBe('access-revoked');
  unsteady.release(1);
  await joined;
  await alice.client.request('ping', {});
  unsteady.release();
  expect(await revoking).toMatchObject({ sessions: 1, rooms: 2 });
  await invited;
  for (const log of [id, other.id]) {
    const { members, invited, revoked } = (await at.store.load(log)) ?? {};
    expect(members?.map(({ user }) => user)).toEqual(['alice']);
    expect(invited).toEqual([]);
    expect(revoked).toMatchObject([{ user: 'bob' }]);
  }
});

test('refuses a pending invitation and a pending certificate of the user', async () => {
  const store = createMemoryStore();
  const { findAccount, assignCertificate } = store;
  /** Runs between the look-up of an account and its use. */
  let meanwhile = async () => {};
  Object.assign(store, {
    findAccount: async (user: string) => {
      const found = await findAccount(user);
      if (user === 'bob') await meanwhile();
      return found;
    },
    assignCertificate: async (held: HeldCertificate, maxKept: number) => {
      if (held.user === 'carol') await meanwhile();
      return assignCertificate(held, maxKept);
    },
  });
  await using at = await testServer({ store });
  const alice = await enrolAndLogIn(at, 'alice');
  const [bob, carol] = [await enrol(at, author('bob')), await enrol(at, author('carol'))];
  const { id, head } = await room('den', [alice]);
  const revocations: Promise<unknown>[] = [];
  const revoking = (user: string) => async () => {
    meanwhile = async () => {};
    revocations.push(at.server.revoke(user, 'unspecified'));
    // The revocation waits for pending requests, and this is one of them; so wait for its mark only.
    await expect.poll(async () => (await findAccount(user))?.revoked).not.toBeNull();
  };

  meanwhile = revoking('bob');
  const entry = invite(alice.who, id, { about: bob, seq: head });
  expect(await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }))).toBe('access-revoked');
  meanwhile = revoking('carol');
  expect(await outcomeOf(renew(at, carol))).toBe('access-revoked');
  await Promise.all(revocations);
});

test('accepts revoke entries from the server only', async () => {
  await using at = await testServer();
  const [alice, bob] = [await enrolAndLogIn(at, 'alice'), await enrolAndLogIn(at, 'bob')];
  const { id, head } = await room('den', [alice, bob]);
  const payload = encodePayload({
    v: 1,
    type: 'revoke',
    room: id,
    at: 1,
    user: 'bob',
    fingerprint: bob.who.signer.fingerprint,
  });
  const signature = alice.who.signer.sign(entryDomain('revoke', id), payload);
  for (const by of [alice.who.signer.fingerprint, caKey.fingerprint]) {
    const entry = { type: 'revoke' as const, payload, by, signature };
    expect(await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry }))).toBe('entry-refused');
  }
  expect(await at.store.load(id)).toMatchObject({ head });
});
