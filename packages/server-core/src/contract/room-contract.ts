/** What a store derives from control entries: state, names, the list of rooms, membership, wraps. */
import { expect, test } from 'vitest';
import { type Room, StoreConflict } from '../ports/room-store.ts';
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
import type { Subject } from './subject.ts';

const room = hashOf('room');

/** Members in an order that every store agrees on. */
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

export function roomContract(subject: Subject): void {
  test('an unknown room, name, wrap and user are just not there', async () => {
    expect(await subject.store.load(room)).toBeNull();
    expect(await subject.store.findByName('den')).toBeNull();
    expect(await subject.store.findWrap(room, 1, hashOf('ada'))).toBeNull();
    expect(await subject.store.roomsOf('ada')).toEqual([]);
    expect(await subject.store.list('ada', null, 10)).toEqual([]);
  });

  test('state follows create, join, message, epoch and leave, also after reopening', async () => {
    const ada = hashOf('ada');
    const bob = hashOf('bob');
    await subject.store.append(createOf(room, 'den', 'ada'));
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
    expect(await subject.store.load(room)).toEqual({
      ...first,
      members: [owner('ada', 1)],
    });

    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(epochOf(room, 3, 'ada', { number: 1, answers: 2, to: [ada, bob] }));
    await subject.store.append(entryOf(room, 4, 'bob'));
    const epoch = { number: 1, hash: hashOf(`epoch 1 of ${room}`), answers: 2 };
    const both = {
      ...first,
      head: 4,
      membershipSeq: 2,
      epoch,
      members: [owner('ada', 1), { ...owner('bob', 2), role: 'member' }],
    };
    expect(inOrder(await subject.store.load(room))).toEqual(both);
    await subject.reopen();
    expect(inOrder(await subject.store.load(room))).toEqual(both);

    await subject.store.append(leaveOf(room, 5, 'ada', { successor: 'bob' }));
    const left = {
      ...both,
      head: 5,
      membershipSeq: 5,
      removalSeq: 5,
      members: [{ ...owner('bob', 2), roleSeq: 5 }],
    };
    expect(await subject.store.load(room)).toEqual(left);
    await subject.reopen();
    expect(await subject.store.load(room)).toEqual(left);
  });

  test('who joins again has the position of the latest join', async () => {
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(leaveOf(room, 3, 'bob'));
    await subject.store.append(joinOf(room, 4, 'bob'));
    const state = inOrder(await subject.store.load(room));
    expect(state?.members.map(({ user, joinedAt }) => [user, joinedAt])).toEqual([
      ['ada', 1],
      ['bob', 4],
    ]);
    expect(state).toMatchObject({ membershipSeq: 4, removalSeq: 3 });
  });

  test('roles, removals and readmissions are kept, also after reopening', async () => {
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(joinOf(room, 3, 'eve'));
    await subject.store.append(
      roleOf(room, 4, 'ada', [
        { user: 'bob', role: 'owner' },
        { user: 'ada', role: 'moderator' },
      ]),
    );
    await subject.store.append(removeOf(room, 5, 'ada', 'eve'));
    const removed = [{ user: 'eve', fingerprint: hashOf('eve'), seq: 5 }];
    const after = {
      head: 5,
      membershipSeq: 5,
      removalSeq: 5,
      members: [
        { ...owner('ada', 1), role: 'moderator', roleSeq: 4 },
        { ...owner('bob', 2), roleSeq: 4 },
      ],
    };
    for (let round = 0; round < 2; round++) {
      expect(inOrder(await subject.store.load(room))).toMatchObject({ ...after, removed });
      expect(await subject.store.roomsOf('eve')).toEqual([]);
      await subject.reopen();
    }
    await subject.store.append(readmitOf(room, 6, 'ada', 'eve'));
    await subject.reopen();
    expect(inOrder(await subject.store.load(room))).toMatchObject({ ...after, head: 6, removed: [] });
    // a second removal of the same person is one of its own
    await subject.store.append(joinOf(room, 7, 'eve'));
    await subject.store.append(removeOf(room, 8, 'bob', 'eve'));
    expect((await subject.store.load(room))?.removed).toEqual([{ ...removed[0], seq: 8 }]);
  });

  test('a name belongs to one open room at a time', async () => {
    const [a, b] = [hashOf('a'), hashOf('b')];
    const results = await Promise.allSettled([
      subject.store.append(createOf(a, 'den', 'ada')),
      subject.store.append(createOf(b, 'den', 'bob')),
    ]);
    const refused = results.find((result) => result.status === 'rejected');
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(refused?.reason).toBeInstanceOf(StoreConflict);
    expect(refused?.reason).toMatchObject({ code: 'room-name-taken' });
    const winner = results[0].status === 'fulfilled' ? a : b;
    expect(await subject.store.findByName('den')).toBe(winner);
    expect(await subject.store.load(winner === a ? b : a)).toBeNull();
  });

  test('the last leave closes the room and frees its name', async () => {
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(leaveOf(room, 2, 'ada', { closes: true }));
    expect(await subject.store.load(room)).toMatchObject({ name: null, members: [], head: 2, removalSeq: 2 });
    expect(await subject.store.findByName('den')).toBeNull();
    expect(await subject.store.list('ada', null, 10)).toEqual([]);
    expect(await subject.store.roomsOf('ada')).toEqual([]);
    expect(await subject.store.read(room, 0, 10, 1_000_000)).toHaveLength(2);

    const next = hashOf('next room of that name');
    await subject.store.append(createOf(next, 'den', 'bob'));
    await subject.reopen();
    expect(await subject.store.findByName('den')).toBe(next);
    expect(await subject.store.load(room)).toMatchObject({ name: null });
  });

  test('open rooms are listed by name, in pages', async () => {
    const names = ['attic', 'b', 'b-side', 'b.side', 'b0', 'b_side', 'ba', 'zoo'].sort();
    for (const name of [...names].reverse()) await subject.store.append(createOf(hashOf(name), name, 'ada'));
    await subject.store.append(joinOf(hashOf('zoo'), 2, 'bob'));

    const all = await subject.store.list('ada', null, 100);
    expect(all.map((row) => row.name)).toEqual(names);
    const listed = { joined: true, policy: openPolicy, createdAt: 1_000_001 };
    expect(all.at(-1)).toEqual({ ...listed, room: hashOf('zoo'), name: 'zoo', members: 2 });
    expect(all[0]).toEqual({ ...listed, room: hashOf('attic'), name: 'attic', members: 1 });

    const paged: string[] = [];
    for (;;) {
      const page = await subject.store.list('ada', paged.at(-1) ?? null, 3);
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(3);
      paged.push(...page.map((row) => row.name));
    }
    expect(paged).toEqual(names);
    // `after` need not be a room's name
    expect((await subject.store.list('ada', 'c', 10)).map((row) => row.name)).toEqual(['zoo']);
  });

  test('a user’s rooms are the open ones that they are in', async () => {
    const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')];
    for (const [id, name] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const) {
      await subject.store.append(createOf(id, name, 'ada'));
    }
    await subject.store.append(joinOf(a, 2, 'bob'));
    await subject.store.append(joinOf(b, 2, 'bob'));
    await subject.store.append(leaveOf(b, 3, 'bob'));
    expect(await subject.store.roomsOf('bob')).toEqual([a]);
    expect([...(await subject.store.roomsOf('ada'))].sort()).toEqual([a, b, c].sort());
    await subject.reopen();
    expect(await subject.store.roomsOf('bob')).toEqual([a]);
  });

  test('wraps are kept with their epoch, all or nothing', async () => {
    const [ada, bob] = [hashOf('ada'), hashOf('bob')];
    await subject.store.append(createOf(room, 'den', 'ada'));
    await subject.store.append(joinOf(room, 2, 'bob'));
    await subject.store.append(epochOf(room, 3, 'ada', { number: 1, answers: 2, to: [ada, bob] }));
    await subject.store.append(epochOf(room, 4, 'ada', { number: 2, answers: 2, to: [bob] }));
    await expect(
      subject.store.append(epochOf(room, 9, 'ada', { number: 3, answers: 2, to: [ada, bob] })),
    ).rejects.toMatchObject({ code: 'sequence' });
    const repeated = { ...epochOf(room, 5, 'ada', { number: 3, answers: 2, to: [ada] }), cid: cidOf('seen') };
    await subject.store.append(entryOf(room, 5, 'ada', { cid: cidOf('seen') }));
    await expect(subject.store.append({ ...repeated, seq: 6 })).rejects.toMatchObject({ code: 'duplicate' });

    await subject.reopen();
    expect(await subject.store.findWrap(room, 1, ada)).toBe(`wrap_1_${ada}`);
    expect(await subject.store.findWrap(room, 1, bob)).toBe(`wrap_1_${bob}`);
    expect(await subject.store.findWrap(room, 2, ada)).toBeNull();
    expect(await subject.store.findWrap(room, 2, bob)).toBe(`wrap_2_${bob}`);
    expect(await subject.store.findWrap(room, 3, ada)).toBeNull();
    expect(await subject.store.findWrap(hashOf('other'), 1, ada)).toBeNull();
  });
}
