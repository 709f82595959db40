/** `role` and `remove` entries. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { epoch, giveRole, join, leave, message, newCid, remove } from '../../support/entries.ts';
import { outcomeOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, type Member, room, type TestServer, testServer } from '../../support/test-server.ts';
import { putWraps, wrapsFor } from '../../support/wraps.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Member;
let bob: Member;
let carol: Member;
/** The log is create, Bob's join, Carol's join, epoch 1. */
let id: string;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { roomJoinsPerHour: 60_000 } });
  [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  id = (await room('den', [alice, bob, carol])).id;
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, entry: ReturnType<typeof message>) =>
  outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));

const removes = (by: Member, about: Citizen, seq: number) => append(by.client, remove(by.who, id, { about, seq }));
const gives = (by: Member, about: Citizen, role: 'owner' | 'moderator' | 'member', seq: number) =>
  append(by.client, giveRole(by.who, id, role, { about, seq }));

describe('a removal', () => {
  test('ends the subscription after its own entry, and later messages need a fresh key without that user', async () => {
    await carol.client.request('subscribe', { room: id, after: 0 });
    await carol.client.first('caught-up');
    expect(await removes(alice, carol.who, 4)).toBe('ok');
    await carol.client.until(() => carol.client.positions(id).includes(5));
    expect(await append(bob.client, message(bob.who, id, 1))).toBe('rekey-pending');

    const wraps = wrapsFor(alice.who, bob.who);
    const previous = disk.rooms.get(id)?.epoch?.hash ?? '';
    const fields = { number: 2, answers: 5, previous };
    const withCarol = wrapsFor(alice.who, bob.who, carol.who);
    expect(await outcomeOf(putWraps(bob, { room: id, number: 2, wraps: withCarol }))).toBe('wraps-mismatch');
    const step = epoch(bob.who, id, { ...fields, kind: 'step', wraps: [] });
    expect(await append(bob.client, step)).toBe('epoch-conflict');
    await putWraps(bob, { room: id, number: 2, wraps });
    expect(await append(bob.client, epoch(bob.who, id, { ...fields, wraps }))).toBe('ok');
    expect(await append(bob.client, message(bob.who, id, 2))).toBe('ok');
    // A later answer comes after everything that the room has sent before.
    await carol.client.request('ping', {});
    expect(carol.client.positions(id).at(-1)).toBe(5);
  });

  test('ends access to everything that is for members', async () => {
    await removes(alice, carol.who, 4);
    const outcomes = [
      outcomeOf(carol.client.request('subscribe', { room: id, after: 0 })),
      outcomeOf(carol.client.request('get-wraps', { room: id, from: 1, to: 1 })),
      outcomeOf(putWraps(carol, { room: id, number: 2, wraps: wrapsFor(alice.who) })),
      append(carol.client, join(carol.who, id, 5)),
    ];
    expect(await Promise.all(outcomes)).toEqual(['removed', 'removed', 'removed', 'removed']);
    expect(await append(carol.client, message(carol.who, id, 1))).toBe('not-a-member');
    expect(await append(carol.client, leave(carol.who, id, 5))).toBe('not-a-member');
    expect(await carol.client.request('find-room', { name: 'den' })).toMatchObject({ joined: false, members: 2 });
  });

  test('applies to the key and to the name, also after a restart', async () => {
    await removes(alice, carol.who, 4);
    await at.server.close();
    at = await testServer({ store: createMemoryStore(disk) });
    expect(await append(await at.login(carol.who), join(carol.who, id, 5))).toBe('removed');
    const caro = await at.citizen('caro', carol.who.signer);
    expect(await append(await at.login(caro), join(caro, id, 5))).toBe('removed');
  });

  test('ends with a readmission, which does not make the user a member', async () => {
    await gives(alice, bob.who, 'moderator', 4);
    await removes(bob, carol.who, 5);
    expect(await gives(carol, carol.who, 'member', 6)).toBe('not-a-member');
    expect(await gives(alice, carol.who, 'moderator', 6)).toBe('unknown-member');
    expect(await gives(bob, carol.who, 'member', 6)).toBe('ok');
    expect(disk.rooms.get(id)?.members).toHaveLength(2);
    expect(await append(carol.client, join(carol.who, id, 7))).toBe('ok');
    expect(disk.rooms.get(id)?.members.at(-1)).toMatchObject({ user: 'carol', role: 'member', roleSeq: 8 });
  });
});

describe('a readmission', () => {
  test('is of the user whom it names, when several are removed', async () => {
    await removes(alice, bob.who, 4);
    await removes(alice, carol.who, 5);
    expect(await gives(alice, carol.who, 'member', 6)).toBe('ok');
    expect(await append(bob.client, join(bob.who, id, 7))).toBe('removed');
    expect(await append(carol.client, join(carol.who, id, 7))).toBe('ok');
  });

  test('does not give a removed key another name', async () => {
    await removes(alice, carol.who, 4);
    expect(await gives(alice, { ...carol.who, user: 'caro' }, 'member', 5)).toBe('unknown-member');
  });

  test('is not for plain members to decide', async () => {
    await removes(alice, carol.who, 4);
    expect(await gives(bob, carol.who, 'member', 5)).toBe('not-allowed');
    expect(await append(carol.client, join(carol.who, id, 5))).toBe('removed');
  });
});

describe('a right', () => {
  test('belongs to the owner over other members, to a moderator over plain members, and to no plain member', async () => {
    expect(await removes(bob, carol.who, 4)).toBe('not-allowed');
    expect(await gives(bob, bob.who, 'owner', 4)).toBe('not-allowed');
    expect(await removes(alice, alice.who, 4)).toBe('not-allowed');
    expect(await gives(alice, alice.who, 'member', 4)).toBe('not-allowed');
    expect(await gives(alice, bob.who, 'moderator', 4)).toBe('ok');
    expect(await gives(alice, carol.who, 'moderator', 5)).toBe('ok');
    expect(await removes(bob, carol.who, 6)).toBe('not-allowed');
    expect(await removes(bob, alice.who, 6)).toBe('not-allowed');
    expect(await gives(bob, carol.who, 'member', 6)).toBe('not-allowed');
    expect(await gives(alice, carol.who, 'member', 6)).toBe('ok');
    expect(await removes(bob, carol.who, 7)).toBe('ok');
    const stranger = await at.citizen('stranger');
    expect(await removes(alice, stranger, 8)).toBe('unknown-member');
    expect(await removes(alice, { ...bob.who, user: 'alice' }, 8)).toBe('unknown-member');
  });

  test('is void in an entry whose author has not seen the present roles', async () => {
    await gives(alice, bob.who, 'moderator', 4);
    expect(await removes(bob, carol.who, 4)).toBe('entry-refused');
    expect(await gives(alice, bob.who, 'member', 4)).toBe('entry-refused');
    await removes(bob, carol.who, 5);
    expect(await gives(alice, carol.who, 'member', 5)).toBe('entry-refused');
  });

  test('passes on when the owner leaves, or gives the room to another member', async () => {
    await gives(alice, carol.who, 'moderator', 4);
    await append(alice.client, leave(alice.who, id, 5));
    const roles = () => disk.rooms.get(id)?.members.map(({ user, role, roleSeq }) => [user, role, roleSeq]);
    expect(roles()).toEqual([
      ['bob', 'member', 2],
      ['carol', 'owner', 6],
    ]);
    expect(await gives(carol, bob.who, 'owner', 6)).toBe('ok');
    expect(roles()).toEqual([
      ['bob', 'owner', 7],
      ['carol', 'moderator', 7],
    ]);
    expect(await removes(bob, carol.who, 7)).toBe('ok');
  });

  test('needs an entry that the registered key has signed', async () => {
    const forged = remove({ user: 'alice', signer: carol.who.signer }, id, { about: bob.who, seq: 4 });
    expect(await append(carol.client, forged)).toBe('entry-refused');
    expect(await append(alice.client, forged)).toBe('entry-refused');
    const entry = remove(alice.who, id, { about: bob.who, seq: 4 });
    expect(await append(carol.client, entry)).toBe('entry-refused');
    expect(await append(alice.client, { ...entry, type: 'leave' })).toBe('entry-refused');
  });
});
