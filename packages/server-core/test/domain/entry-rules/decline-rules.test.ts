/** Declines: invited users end their invitation. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../../src/contract/index.ts';
import { create, decline, invite, join, newCid } from '../../support/entries.ts';
import { outcomeOf, type TestClient } from '../../support/test-client.ts';
import { type Citizen, type Member, type TestServer, testServer } from '../../support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Member;
let bob: Member;
let carol: Member;
let id: string;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000 } });
  [alice, bob, carol] = [await at.member('alice'), await at.member('bob'), await at.member('carol')];
  const { entry, room } = create(alice.who, 'den', { join: 'invite', history: 'since-join' });
  await alice.client.request('create-room', { cid: newCid(), entry });
  id = room;
});
afterEach(() => at[Symbol.asyncDispose]());

const append = (client: TestClient, entry: ReturnType<typeof join>) =>
  outcomeOf(client.request('append', { room: id, cid: newCid(), entry }));
const head = () => disk.rooms.get(id)?.head ?? 0;
const invites = (by: Member, about: Citizen) => append(by.client, invite(by.who, id, { about, seq: head() }));
const joins = ({ who, client }: Member) => append(client, join(who, id, head()));

const declines = ({ who, client }: Member, after = head()) => append(client, decline(who, id, after));

test('ends the own invitation that its author has seen, and counts as a departure', async () => {
  expect(await declines(bob)).toBe('not-invited');
  await invites(alice, bob.who);
  const seq = head();
  expect(await declines(carol)).toBe('not-invited');
  expect(await declines(bob, seq - 1)).toBe('entry-refused');
  expect(await declines(bob, seq + 1)).toBe('entry-refused');
  expect(await append(bob.client, decline({ ...bob.who, user: 'alice' }, id, seq))).toBe('entry-refused');
  expect(await append(bob.client, decline(alice.who, id, seq))).toBe('entry-refused');
  expect(await declines(bob)).toBe('ok');
  expect(disk.rooms.get(id)).toMatchObject({ invited: [], removed: [], membershipSeq: head(), removalSeq: head() });
  expect((await bob.client.request('list-invitations', {})).invitations).toEqual([]);
  expect(await declines(bob)).toBe('not-invited');
  expect(await joins(bob)).toBe('not-invited');
  expect(await invites(alice, bob.who)).toBe('ok');
  expect(await declines(bob, seq)).toBe('entry-refused');
  expect(await joins(bob)).toBe('ok');
});
