/** The operator frees a name: the key before is revoked, and another key enrols under the name and joins the rooms. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { author, enrol, renew } from '../support/enrolling.ts';
import { join, newCid } from '../support/entries.ts';
import { outcomeOf } from '../support/test-client.ts';
import { room, testServer } from '../support/test-server.ts';

test('revokes the key before, and lets another key enrol under the name and join the rooms', async () => {
  await using at = await testServer();
  const log = async (user: string) => {
    const who = await enrol(at, author(user));
    return { who, client: await at.login(who) };
  };
  const [alice, bob] = [await log('alice'), await log('bob')];
  const { id, head } = await room('den', [alice, bob]);
  expect(await at.server.reset('bob', 'unspecified')).toMatchObject({ users: ['bob'], sessions: 1, rooms: 1 });
  expect(await bob.client.ending()).toBe('access-revoked');

  expect(await outcomeOf(renew(at, bob.who))).toBe('login-refused');
  expect(await outcomeOf(enrol(at, bob.who))).toBe('access-revoked');
  expect(await outcomeOf(enrol(at, { ...bob.who, user: 'robert' }))).toBe('access-revoked');
  const next = await enrol(at, author('bob'));
  expect(next.signer.fingerprint).not.toBe(bob.who.signer.fingerprint);
  const client = await at.login(next);
  const entry = join(next, id, head + 1);
  await client.request('append', { room: id, cid: newCid(), entry });
  expect((await at.store.load(id))?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
  // The next one concerns the key that the name has now.
  expect(await at.server.reset('bob', 'unspecified')).toMatchObject({ users: ['bob'], sessions: 1, rooms: 1 });
  expect(await outcomeOf(at.server.reset('unknown', 'unspecified'))).toBe('unknown-user');
});

test('frees the name of a user who was revoked before', async () => {
  await using at = await testServer();
  const bob = await enrol(at, author('bob'));
  const { since } = await at.server.revoke('bob', 'keyCompromise');
  expect(await outcomeOf(enrol(at, author('bob')))).toBe('user-name-taken');
  expect(await at.server.reset('bob', 'unspecified')).toMatchObject({ users: ['bob'], since });
  await at.login(await enrol(at, author('bob')));
  expect(await outcomeOf(enrol(at, bob))).toBe('access-revoked');
});

test('an open server keeps a name for an invitation, and enrols with an invalid one', async () => {
  await using at = await testServer();
  const tokenHash = createHash('sha256').update('Zm9yLWJvYg').digest('hex');
  await at.store.addInvitation({ tokenHash, expiresAt: Date.now() + 60_000, user: 'bob' });
  expect(await outcomeOf(enrol(at, author('bob')))).toBe('user-name-taken');
  await enrol(at, author('alice'), 'Zm9yLWJvYg');
  await enrol(at, author('carol'), 'Z3Vlc3M');
  await enrol(at, author('bob'), 'Zm9yLWJvYg');
  expect(await at.store.openInvitations(0, 9)).toEqual([]);
});

test('a server by invitation enrols one name with an invitation for that name', async () => {
  await using at = await testServer({ policy: 'invite' });
  const tokenHash = createHash('sha256').update('Zm9yLWJvYg').digest('hex');
  await at.store.addInvitation({ tokenHash, expiresAt: Date.now() + 60_000, user: 'bob' });
  expect(await outcomeOf(enrol(at, author('alice'), 'Zm9yLWJvYg'))).toBe('invitation-refused');
  await enrol(at, author('bob'), 'Zm9yLWJvYg');
});
