/** A room with as many members as one can have, at a real server. Most of them are only in the store, where they cost no signature. */
import { entryHash, isWrapOf, limits, sha256Hex, utf8, wrapBytes } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { epoch, join, message, newCid, remove } from '../support/entries.ts';
import { outcomeOf } from '../support/test-client.ts';
import { type Member, room, type TestServer, testServer } from '../support/test-server.ts';
import { commitmentOf, linkId, listOf, noneFor, storeLinks, wrapsFor } from '../support/wraps.ts';

let at: TestServer;
let alice: Member;
let bob: Member;
let carol: Member;
let id: string;
let key: Parameters<typeof entryHash>[0];

/** The members who are only in the store. */
const others = Array.from({ length: limits.roomMembers - 2 }, (_, index) => {
  const user = `user-${index}`;
  return { user, signer: { fingerprint: sha256Hex(utf8(user)) } };
});

beforeEach(async () => {
  const disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk) });
  [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  ({ id, key } = await room('den', [alice, bob]));
  const state = disk.rooms.get(id);
  if (state === undefined) throw new Error('the room is stored');
  const joined = { joinedAt: 2, readsFrom: 2, role: 'member', roleSeq: 2 } as const;
  const members = others.map(({ user, signer }) => ({ user, fingerprint: signer.fingerprint, ...joined }));
  disk.rooms.set(id, { ...state, members: [...state.members, ...members] });
  // The server that runs has the room in memory.
  await at.server.close();
  at = await testServer({ store: createMemoryStore(disk) });
  const again = async ({ who }: Member): Promise<Member> => ({ who, client: await at.login(who) });
  [alice, bob, carol] = [await again(alice), await again(bob), await again(carol)];
});
afterEach(() => at[Symbol.asyncDispose]());

const append = ({ client }: Member, entry: ReturnType<typeof message>) =>
  client.request('append', { room: id, cid: newCid(), entry });

async function follow({ client }: Member): Promise<void> {
  await client.request('subscribe', { room: id, after: 3 });
  await client.first('caught-up');
}

test('takes no further member and says why, until one leaves', async () => {
  await expect(append(carol, join(carol.who, id, 3))).rejects.toMatchObject({
    code: 'room-full',
    message: 'A room holds at most 5000 members and invited users: wait until one leaves.',
  });
  await append(alice, remove(alice.who, id, { about: bob.who, seq: 3 }));
  expect(await outcomeOf(append(carol, join(carol.who, id, 4)))).toBe('ok');
});

test('passes messages on to those who are connected, and lists the room with its size', async () => {
  await follow(bob);
  const { seq } = await append(alice, message(alice.who, id, 1));
  await bob.client.until(() => bob.client.positions(id).includes(seq));
  const { rooms } = await carol.client.request('list-rooms', {});
  expect(rooms.map(({ members }) => members)).toEqual([limits.roomMembers]);
});

test('gets a new key after a removal, with its wraps in several requests, each of which a member can prove', async () => {
  await follow(bob);
  const [gone, ...left] = others as [(typeof others)[number], ...typeof others];
  const removal = remove(alice.who, id, {
    about: { ...gone, signer: { ...alice.who.signer, ...gone.signer } },
    seq: 3,
  });
  await append(alice, removal);
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who, ...left)];
  await storeLinks(at.store, alice.who, wraps);
  const { slots } = listOf(wraps);
  const requests: number[] = [];
  for (let first = 0; first * wrapBytes < slots.length; first += limits.wrapsPerRequest) {
    const part = slots.subarray(first * wrapBytes, (first + limits.wrapsPerRequest) * wrapBytes);
    const fields = { room: id, number: 2, kind: 'fresh', first, wraps: part } as const;
    const { unknown, unread } = await alice.client.request('put-wraps', fields);
    requests.push(unread.length);
    expect(unknown).toEqual([]);
  }
  expect([requests.length, requests.reduce((sum, count) => sum + count)]).toEqual([5, limits.roomMembers - 2]);
  const next = epoch(alice.who, id, { number: 2, answers: 4, previous: entryHash(key), wraps });
  expect((await append(alice, next)).seq).toBe(5);
  const pushed = await bob.client.first('wrap');
  expect(Buffer.from(pushed.wrap.subarray(0, 8))).toEqual(Buffer.from(linkId));
  const proof = await bob.client.request('get-wrap-proof', { room: id, number: 2 });
  expect([proof.size, proof.path.length / 32 <= limits.wrapPathHashes]).toEqual([limits.roomMembers - 1, true]);
  const own = Buffer.from(bob.who.signer.fingerprint, 'hex');
  expect(isWrapOf(commitmentOf(wraps), own, proof)).toBe(true);
});
