/** `revoke` entries: only the server makes them, signed with the key of its CA. */
import { encodePayload, entryDomain, type Policy, type SignedEntry } from '@chat/protocol';
import { generateSigner, importVerifier } from '@chat/signatures';
import { beforeEach, expect, test } from 'vitest';
import { Rooms } from '../../../src/domain/rooms.ts';
import { findUser, type RegisteredUser } from '../../../src/identity/registered-user.ts';
import { defaultLimits } from '../../../src/limits/limits.ts';
import {
  type Author,
  create,
  epoch,
  fieldsOf,
  invite,
  join,
  knock,
  message,
  newCid,
  revoke,
  signed,
} from '../../support/entries.ts';
import { outcomeOf } from '../../support/test-client.ts';
import { TestLog } from '../../support/test-server.ts';
import { UnsteadyStore } from '../../support/unsteady-store.ts';
import { viewAt, watched } from '../../support/views.ts';
import { listOf, wrapsFor } from '../../support/wraps.ts';

const authority = generateSigner();

interface Citizen extends Author {
  readonly registered: RegisteredUser;
}

let control: UnsteadyStore;
let rooms: Rooms;
let alice: Citizen;
let bob: Citizen;
let carol: Citizen;
let id: string;

async function citizen(user: string): Promise<Citizen> {
  const signer = generateSigner();
  const { fingerprint, publicKey: identity } = signer;
  await control.store.register({ user, fingerprint, identity, enrolledAt: 1 }, null);
  const registered = await findUser(control.store, user);
  if (registered === null) throw new Error();
  return { user, signer, registered };
}

const append = ({ registered }: Citizen, entry: SignedEntry, wraps: ReturnType<typeof wrapsFor> = []) =>
  outcomeOf(rooms.append(id, { author: registered, cid: newCid(), entry, wraps: { take: () => listOf(wraps) } }));

/** Creates Alice's room with Bob as a member, Carol invited, and a key: create, two invites, Bob's join, epoch 1. */
beforeEach(async () => {
  control = new UnsteadyStore();
  const store = watched(control.store);
  const clock = Date.now;
  const verifier = importVerifier(authority.publicKey);
  const options = {
    store,
    directory: store,
    judgeChain: () => null,
    authorities: [verifier],
    clock,
    log: new TestLog(),
    limits: defaultLimits,
  };
  rooms = new Rooms({ ...options, invited: () => {}, keyRenewed: async () => {} });
  [alice, bob, carol] = [await citizen('alice'), await citizen('bob'), await citizen('carol')];
  const policy: Policy = { join: 'invite', history: 'since-join' };
  const { entry, room } = create(alice, 'den', policy);
  id = room;
  await rooms.create({ author: alice.registered, cid: newCid(), entry });
  for (const about of [bob, carol]) expect(await append(alice, invite(alice, id, { about, seq: 1 }))).toBe('ok');
  expect(await append(bob, join(bob, id))).toBe('ok');
  const wraps = wrapsFor(alice, bob, carol);
  expect(await append(alice, epoch(alice, id, { number: 1, answers: 4, wraps }), wraps)).toBe('ok');
});

const state = () => control.store.load(id);
const revokes = (about: Author) => rooms.appendRevoke(id, revoke(authority, id, about));

test('takes a member or an invited user out for good, and the room needs a fresh key', async () => {
  expect(await revokes(bob)).toMatchObject({ room: id, seq: 6 });
  expect(await state()).toMatchObject({
    members: [{ user: 'alice' }],
    invited: [{ user: 'carol' }],
    revoked: [{ user: 'bob', fingerprint: bob.signer.fingerprint, seq: 6 }],
    membershipSeq: 6,
    removalSeq: 6,
  });
  expect(await append(alice, message(alice, id, 1))).toBe('rekey-pending');
  expect(await append(bob, message(bob, id, 1))).toBe('not-a-member');
  expect(await append(bob, join(bob, id, 6))).toBe('access-revoked');
  expect(await append(alice, invite(alice, id, { about: bob, seq: 6 }))).toBe('access-revoked');
  expect(await outcomeOf(rooms.knock(id, knock(bob, id), bob.registered))).toBe('access-revoked');
  expect(await revokes(carol)).toMatchObject({ seq: 7 });
  expect(await state()).toMatchObject({ invited: [], removalSeq: 7 });
});

test('gives the room of a revoked owner to another member, and closes it with the last one', async () => {
  await revokes(alice);
  expect(await state()).toMatchObject({ members: [{ user: 'bob', role: 'owner', roleSeq: 6 }] });
  await revokes(bob);
  expect(await state()).toMatchObject({ name: null, members: [], invited: [], removalSeq: 7 });
  expect(await revokes(carol)).toBeNull();
});

test('revokes each key once in a room, and only records a user who is not in it', async () => {
  const dave = await citizen('dave');
  expect(await revokes(dave)).toMatchObject({ seq: 6 });
  expect(await state()).toMatchObject({ membershipSeq: 4, removalSeq: 0, revoked: [{ user: 'dave' }] });
  expect(await revokes(dave)).toBeNull();
  const [first, second] = await Promise.all([revokes(bob), revokes(bob)]);
  expect([first?.seq, second]).toEqual([7, null]);
  expect(await rooms.appendRevoke('0'.repeat(64), revoke(authority, '0'.repeat(64), bob))).toBeNull();
});

test('accepts an entry only when the authority has signed it for this room, and never as a user’s request', async () => {
  const good = revoke(authority, id, bob);
  const elsewhere = revoke(authority, '0'.repeat(64), bob);
  const wrong = [
    revoke(alice.signer, id, bob),
    { ...revoke(alice.signer, id, bob), by: authority.fingerprint },
    { ...good, payload: encodePayload({ ...fieldsOf(good.payload), user: 'carol' }) },
    { ...good, by: alice.signer.fingerprint },
    { ...good, type: 'remove' as const },
    elsewhere,
    // The signature is for this room, the payload for another.
    { ...elsewhere, signature: authority.sign(entryDomain('revoke', id), elsewhere.payload) },
    signed<'revoke'>({ user: '', signer: authority }, { ...fieldsOf(good.payload), more: 1 }),
  ];
  for (const [index, entry] of wrong.entries()) {
    expect(await outcomeOf(rooms.appendRevoke(id, entry)), String(index)).toBe('entry-refused');
  }
  expect(await append(alice, good)).toBe('entry-refused');
  expect(await append(alice, revoke(alice.signer, id, bob))).toBe('entry-refused');
  expect(await state()).toMatchObject({ head: 5, revoked: [] });
});

test('keeps entries that were pending before, and refuses entries after', async () => {
  control.plan = Array.from({ length: 4 }, () => ({ hold: 'after' as const }));
  const before = append(bob, message(bob, id, 1, 'before'));
  const revoked = revokes(bob);
  const after = append(bob, message(bob, id, 1, 'after'));
  const others = append(alice, message(alice, id, 1, 'after'));
  expect(await Promise.all([after, others])).toEqual(['not-a-member', 'rekey-pending']);
  control.release();
  control.plan = [];
  expect(await before).toBe('ok');
  expect(await revoked).toMatchObject({ seq: 7 });
  expect(await state()).toMatchObject({ head: 7, members: [{ user: 'alice' }] });
});

test('refuses every entry and every invitation of a key from the moment it is marked as revoked', async () => {
  const dave = await citizen('dave');
  const view = viewAt(id, 5);
  const invitation = append(alice, invite(alice, id, { about: dave, seq: view.seq }));
  const said = append(bob, message(bob, id, 1));
  rooms.markRevoked(dave.signer.fingerprint);
  rooms.markRevoked(bob.signer.fingerprint);
  expect(await Promise.all([invitation, said])).toEqual(['access-revoked', 'access-revoked']);
  expect(await outcomeOf(rooms.knock(id, knock(dave, id), dave.registered))).toBe('access-revoked');
  const { entry } = create(bob, 'attic');
  const own = rooms.create({ author: bob.registered, cid: newCid(), entry });
  expect(await outcomeOf(own)).toBe('access-revoked');
  expect(await control.store.findRoom('attic', 'alice')).toBeNull();
  expect(await state()).toMatchObject({ head: 5, invited: [{ user: 'carol' }] });
});
