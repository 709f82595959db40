/** Contract of `RoomStore` for what it derives from control entries: state, names, lists, membership, wraps. */
import assert from 'node:assert/strict';
import type { Fingerprint, RoomId } from '@chat/protocol';
import { type Room, StoreConflict } from '../ports/room-store.ts';
import { assertMatches } from './assert-matches.ts';
import {
  cidOf,
  createOf,
  entryOf,
  epochOf,
  hashOf,
  joinOf,
  leaveOf,
  openPolicy,
  readmitOf,
  removeOf,
  roleOf,
} from './fixtures.ts';
import type { ContractTest } from './subject.ts';

const room = hashOf('room');

/** Sorts the members, whose order a store may choose. */
const inOrder = (state: Room | null): Room | null =>
  state && { ...state, members: [...state.members].sort((a, b) => a.joinedAt - b.joinedAt) };

const owner = (user: string, at: number) => ({
  user,
  fingerprint: hashOf(user),
  joinedAt: at,
  readsFrom: at,
  role: 'owner',
  roleSeq: at,
});

/** Adds the tests of what the store derives from control entries. */
export function roomContract(test: ContractTest): void {
  test('finds nothing for an unknown room, name, wrap or user', async (subject) => {
    assert.equal(await subject.store.load(room), null);
    assert.equal(await subject.store.findRoom('den', 'alice'), null);
    assert.deepEqual(await subject.store.findWraps(room, hashOf('alice'), { from: 1, to: 9 }), []);
    assert.deepEqual(await subject.store.roomsOf('alice'), []);
    assert.deepEqual(await subject.store.list('alice', { limit: 10 }), []);
  });

  test('updates the state after create, join, message, epoch and leave, also after reopening', async (subject) => {
    const alice = hashOf('alice');
    const bob = hashOf('bob');
    await subject.store.append(createOf(room, 'den', 'alice'));
    const first = {
      room,
      name: 'den',
      policy: openPolicy,
      createdAt: 1_000_001,
      head: 1,
      invited: [],
      removed: [],
      revoked: [],
      membershipSeq: 1,
      removalSeq: 0,
      epoch: null,
    };
    assert.deepEqual(await subject.store.load(room), {
      ...first,
      members: [owner('alice', 1)],
    });

    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(epochOf(room, 3, 'alice', { number: 1, answers: 2, to: [alice, bob] }));
    await subject.store.append(entryOf(room, 4, 'bob'));
    const epoch = { number: 1, hash: hashOf(`epoch 1 of ${room}`), answers: 2, freshSeq: 3, freshAt: 3, v: 2 };
    const both = {
      ...first,
      head: 4,
      membershipSeq: 2,
      epoch,
      members: [owner('alice', 1), { ...owner('bob', 2), role: 'member' }],
    };
    assert.deepEqual(inOrder(await subject.store.load(room)), both);
    await subject.reopen();
    assert.deepEqual(inOrder(await subject.store.load(room)), both);

    await subject.store.append(leaveOf(room, 5, 'alice', { successor: 'bob' }));
    const left = {
      ...both,
      head: 5,
      membershipSeq: 5,
      removalSeq: 5,
      members: [{ ...owner('bob', 2), roleSeq: 5 }],
    };
    assert.deepEqual(await subject.store.load(room), left);
    await subject.reopen();
    assert.deepEqual(await subject.store.load(room), left);
  });

  test('keeps the position of the latest join of a member', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(leaveOf(room, 3, 'bob'));
    await subject.store.append(joinOf(room, 4, 'bob'));
    const state = inOrder(await subject.store.load(room));
    assert.deepEqual(
      state?.members.map(({ user, joinedAt }) => [user, joinedAt]),
      [
        ['alice', 1],
        ['bob', 4],
      ],
    );
    assertMatches(state, { membershipSeq: 4, removalSeq: 3 });
  });

  test('keeps roles, removals and readmissions, also after reopening', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(joinOf(room, 3, 'carol'));
    await subject.store.append(
      roleOf(room, 4, 'alice', [
        { user: 'bob', role: 'owner' },
        { user: 'alice', role: 'moderator' },
      ]),
    );
    await subject.store.append(removeOf(room, 5, 'alice', 'carol'));
    const removed = [{ user: 'carol', fingerprint: hashOf('carol'), seq: 5 }];
    const after = {
      head: 5,
      membershipSeq: 5,
      removalSeq: 5,
      members: [
        { ...owner('alice', 1), role: 'moderator', roleSeq: 4 },
        { ...owner('bob', 2), roleSeq: 4 },
      ],
    };
    for (let round = 0; round < 2; round++) {
      assertMatches(inOrder(await subject.store.load(room)), { ...after, removed });
      assert.deepEqual(await subject.store.roomsOf('carol'), []);
      await subject.reopen();
    }
    await subject.store.append(readmitOf(room, 6, 'alice', 'carol'));
    await subject.reopen();
    assertMatches(inOrder(await subject.store.load(room)), { ...after, head: 6, removed: [] });
    // A second removal of the same user has its own position.
    await subject.store.append(joinOf(room, 7, 'carol'));
    await subject.store.append(removeOf(room, 8, 'bob', 'carol'));
    assert.deepEqual((await subject.store.load(room))?.removed, [{ ...removed[0], seq: 8 }]);
  });

  test('gives a name to one open room at a time', async (subject) => {
    const [a, b] = [hashOf('a'), hashOf('b')];
    const results = await Promise.allSettled([
      subject.store.append(createOf(a, 'den', 'alice')),
      subject.store.append(createOf(b, 'den', 'bob')),
    ]);
    const refused = results.find((result) => result.status === 'rejected');
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    assert.ok(refused?.reason instanceof StoreConflict);
    assertMatches(refused?.reason, { code: 'room-name-taken' });
    const winner = results[0].status === 'fulfilled' ? a : b;
    assertMatches(await subject.store.findRoom('den', 'alice'), { room: winner });
    assert.equal(await subject.store.load(winner === a ? b : a), null);
  });

  test('closes the room and frees its name after the last leave', async (subject) => {
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(leaveOf(room, 2, 'alice', { closes: true }));
    assertMatches(await subject.store.load(room), { name: null, members: [], head: 2, removalSeq: 2 });
    assert.equal(await subject.store.findRoom('den', 'alice'), null);
    assert.deepEqual(await subject.store.list('alice', { limit: 10 }), []);
    assert.deepEqual(await subject.store.roomsOf('alice'), []);
    assert.equal((await subject.store.read(room, 0, 10, 1_000_000)).length, 2);

    const next = hashOf('next room of that name');
    await subject.store.append(createOf(next, 'den', 'bob'));
    await subject.reopen();
    assertMatches(await subject.store.findRoom('den', 'alice'), { room: next });
    assertMatches(await subject.store.load(room), { name: null });
  });

  test('lists open rooms by name, in pages', async (subject) => {
    const names = ['attic', 'b', 'b-side', 'b.side', 'b0', 'b_side', 'ba', 'zoo'].sort();
    for (const name of [...names].reverse()) await subject.store.append(createOf(hashOf(name), name, 'alice'));
    await subject.store.append(joinOf(hashOf('zoo'), 2, 'bob'));

    const all = await subject.store.list('alice', { limit: 100 });
    assert.deepEqual(
      all.map((row) => row.name),
      names,
    );
    const listed = { joined: true, policy: openPolicy, createdAt: 1_000_001 };
    assert.deepEqual(all.at(-1), { ...listed, room: hashOf('zoo'), name: 'zoo', members: 2 });
    assert.deepEqual(all[0], { ...listed, room: hashOf('attic'), name: 'attic', members: 1 });

    const paged: string[] = [];
    for (;;) {
      const page = await subject.store.list('alice', { after: paged.at(-1) ?? null, limit: 3 });
      if (page.length === 0) break;
      assert.ok(page.length <= 3);
      paged.push(...page.map((row) => row.name));
    }
    assert.deepEqual(paged, names);
    // `after` need not be the name of a room.
    assert.deepEqual(
      (await subject.store.list('alice', { after: 'c', limit: 10 })).map((row) => row.name),
      ['zoo'],
    );
  });

  test('finds the open rooms of a member', async (subject) => {
    const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')];
    for (const [id, name] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const) {
      await subject.store.append(createOf(id, name, 'alice'));
    }
    await subject.store.append(joinOf(a, 2, 'bob'));
    await subject.store.append(joinOf(b, 2, 'bob'));
    await subject.store.append(leaveOf(b, 3, 'bob'));
    assert.deepEqual(await subject.store.roomsOf('bob'), [a]);
    assert.deepEqual([...(await subject.store.roomsOf('alice'))].sort(), [a, b, c].sort());
    await subject.reopen();
    assert.deepEqual(await subject.store.roomsOf('bob'), [a]);
  });

  test('stores the wraps of an epoch with it, all or nothing', async (subject) => {
    const [alice, bob] = [hashOf('alice'), hashOf('bob')];
    await subject.store.append(createOf(room, 'den', 'alice'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(epochOf(room, 3, 'alice', { number: 1, answers: 2, to: [alice, bob] }));
    await subject.store.append(epochOf(room, 4, 'alice', { number: 2, answers: 2, to: [bob] }));
    await assert.rejects(subject.store.append(epochOf(room, 9, 'alice', { number: 3, answers: 2, to: [alice, bob] })), {
      code: 'sequence',
    });
    const repeated = { ...epochOf(room, 5, 'alice', { number: 3, answers: 2, to: [alice] }), cid: cidOf('seen') };
    await subject.store.append(entryOf(room, 5, 'alice', { cid: cidOf('seen') }));
    await assert.rejects(subject.store.append({ ...repeated, seq: 6 }), { code: 'duplicate' });

    await subject.reopen();
    const numbersOf = async (roomId: RoomId, to: Fingerprint) =>
      (await subject.store.findWraps(roomId, to, { from: 1, to: 9 })).map(({ number }) => number);
    assert.deepEqual(await numbersOf(room, alice), [1]);
    assert.deepEqual(await numbersOf(room, bob), [1, 2]);
    assert.deepEqual(await numbersOf(hashOf('other'), alice), []);
  });
}
