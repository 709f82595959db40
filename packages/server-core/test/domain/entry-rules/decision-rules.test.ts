import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { epoch, giveRole, join, leave, message, newCid, remove, wrapsFor } from '../../support/entries.ts';
import { codeOf, type TestClient } from '../../support/test-client.ts';
import {
  type Citizen,
  certificateFor,
  type Member,
  room,
  type TestServer,
  testServer,
} from '../../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let ada: Member;
let bob: Member;
let eve: Member;
/** Log: create, bob's join, eve's join, epoch 1. */
let id: string;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { joinsPerMinute: 1_000 } });
  [ada, bob, eve] = [await at.member('ada'), await at.member('bob'), await at.member('eve')];
  id = (await room('den', [ada, bob, eve])).id;
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, entry: ReturnType<typeof message>) =>
  codeOf(client.request('append', { room: id, cid: newCid(), entry }));

const removes = (by: Member, about: Citizen, seq: number) => append(by.client, remove(by.who, id, { about, seq }));
const gives = (by: Member, about: Citizen, role: 'owner' | 'moderator' | 'member', seq: number) =>
  append(by.client, giveRole(by.who, id, role, { about, seq }));

describe('a removal', () => {
  test('ends the subscription after its own entry, and all that follows needs a fresh key without them', async () => {
    await eve.client.request('subscribe', { room: id, after: 0 });
    await eve.client.first('caught-up');
    expect(await removes(ada, eve.who, 4)).toBe('ok');
    await eve.client.until(() => eve.client.positions(id).includes(5));
    expect(await append(bob.client, message(bob.who, id, 1))).toBe('rekey-pending');

    const wraps = wrapsFor(ada.who, bob.who);
    const previous = disk.rooms.get(id)?.epoch?.hash ?? '';
    const fields = { number: 2, answers: 5, previous };
    const withEve = wrapsFor(ada.who, bob.who, eve.who);
    expect(await codeOf(bob.client.request('put-wraps', { room: id, number: 2, wraps: withEve }))).toBe(
      'wraps-mismatch',
    );
    const step = epoch(bob.who, id, { ...fields, kind: 'step', wraps: [] });
    expect(await append(bob.client, step)).toBe('epoch-conflict');
    await bob.client.request('put-wraps', { room: id, number: 2, wraps });
    expect(await append(bob.client, epoch(bob.who, id, { ...fields, wraps }))).toBe('ok');
    expect(await append(bob.client, message(bob.who, id, 2))).toBe('ok');
    // Each later answer comes after whatever the room had to send before.
    await eve.client.request('ping', {});
    expect(eve.client.positions(id).at(-1)).toBe(5);
  });

  test('shuts out from everything that is for members', async () => {
    await removes(ada, eve.who, 4);
    const outcomes = [
      codeOf(eve.client.request('subscribe', { room: id, after: 0 })),
      codeOf(eve.client.request('get-wrap', { room: id, number: 1 })),
      codeOf(eve.client.request('put-wraps', { room: id, number: 2, wraps: wrapsFor(ada.who) })),
      append(eve.client, join(eve.who, id, 5)),
    ];
    expect(await Promise.all(outcomes)).toEqual(['removed', 'removed', 'removed', 'removed']);
    expect(await append(eve.client, message(eve.who, id, 1))).toBe('not-a-member');
    expect(await append(eve.client, leave(eve.who, id, 5))).toBe('not-a-member');
    expect(await eve.client.request('find-room', { name: 'den' })).toMatchObject({ joined: false, members: 2 });
  });

  test('of a key or a name holds for both, and over a restart', async () => {
    await removes(ada, eve.who, 4);
    await at.server.close();
    at = await testServer({ store: createMemoryStore(disk) });
    expect(await append(await at.login(eve.who), join(eve.who, id, 5))).toBe('removed');
    const { fingerprint, publicKey: identity } = eve.who.signer;
    await at.store.register({ user: 'eva', fingerprint, identity, enrolledAt: 1 }, null);
    const eva = { user: 'eva', signer: eve.who.signer, ...certificateFor({ user: 'eva', fingerprint }) };
    expect(await append(await at.login(eva), join(eva, id, 5))).toBe('removed');
  });

  test('is taken back by a readmission, which makes nobody a member', async () => {
    await gives(ada, bob.who, 'moderator', 4);
    await removes(bob, eve.who, 5);
    expect(await gives(eve, eve.who, 'member', 6)).toBe('not-a-member');
    expect(await gives(ada, eve.who, 'moderator', 6)).toBe('unknown-member');
    expect(await gives(bob, eve.who, 'member', 6)).toBe('ok');
    expect(disk.rooms.get(id)?.members).toHaveLength(2);
    expect(await append(eve.client, join(eve.who, id, 7))).toBe('ok');
    expect(disk.rooms.get(id)?.members.at(-1)).toMatchObject({ user: 'eve', role: 'member', roleSeq: 8 });
  });
});

describe('rights', () => {
  test('a member has none, a moderator those over members, the owner all but over themself', async () => {
    expect(await removes(bob, eve.who, 4)).toBe('not-allowed');
    expect(await gives(bob, bob.who, 'owner', 4)).toBe('not-allowed');
    expect(await removes(ada, ada.who, 4)).toBe('not-allowed');
    expect(await gives(ada, ada.who, 'member', 4)).toBe('not-allowed');
    expect(await gives(ada, bob.who, 'moderator', 4)).toBe('ok');
    expect(await gives(ada, eve.who, 'moderator', 5)).toBe('ok');
    expect(await removes(bob, eve.who, 6)).toBe('not-allowed');
    expect(await removes(bob, ada.who, 6)).toBe('not-allowed');
    expect(await gives(bob, eve.who, 'member', 6)).toBe('not-allowed');
    expect(await gives(ada, eve.who, 'member', 6)).toBe('ok');
    expect(await removes(bob, eve.who, 7)).toBe('ok');
    const stranger = await at.citizen('stranger');
    expect(await removes(ada, stranger, 8)).toBe('unknown-member');
    expect(await removes(ada, { ...bob.who, user: 'ada' }, 8)).toBe('unknown-member');
  });

  test('a decision that has not seen the present roles is refused, as members would', async () => {
    await gives(ada, bob.who, 'moderator', 4);
    expect(await removes(bob, eve.who, 4)).toBe('entry-refused');
    expect(await gives(ada, bob.who, 'member', 4)).toBe('entry-refused');
    await removes(bob, eve.who, 5);
    expect(await gives(ada, eve.who, 'member', 5)).toBe('entry-refused');
  });

  test('pass on when the owner leaves, and change hands when the room does', async () => {
    await gives(ada, eve.who, 'moderator', 4);
    await append(ada.client, leave(ada.who, id, 5));
    const roles = () => disk.rooms.get(id)?.members.map(({ user, role, roleSeq }) => [user, role, roleSeq]);
    expect(roles()).toEqual([
      ['bob', 'member', 2],
      ['eve', 'owner', 6],
    ]);
    expect(await gives(eve, bob.who, 'owner', 6)).toBe('ok');
    expect(roles()).toEqual([
      ['bob', 'owner', 7],
      ['eve', 'moderator', 7],
    ]);
    expect(await removes(bob, eve.who, 7)).toBe('ok');
  });

  test('an entry that another key than the registered one signed counts for nothing', async () => {
    const forged = remove({ user: 'ada', signer: eve.who.signer }, id, { about: bob.who, seq: 4 });
    expect(await append(eve.client, forged)).toBe('entry-refused');
    expect(await append(ada.client, forged)).toBe('entry-refused');
    const entry = remove(ada.who, id, { about: bob.who, seq: 4 });
    expect(await append(eve.client, entry)).toBe('entry-refused');
    expect(await append(ada.client, { ...entry, type: 'leave' })).toBe('entry-refused');
  });
});
