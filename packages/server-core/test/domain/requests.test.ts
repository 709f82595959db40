/** A repeated request is carried out once, also when the server has not looked it up before. */
import { utf8 } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { message, newCid } from '../support/entries.ts';
import { outcomeOf, type TestClient } from '../support/test-client.ts';
import { type Citizen, type Member, room, type TestServer, testServer } from '../support/test-server.ts';

const disk = () => {
  const memory = createMemoryStore(new MemoryDisk());
  const counted = { lookUps: 0, loads: 0 };
  const { findAppended, load } = memory;
  const store = Object.assign(memory, {
    findAppended: (author: string, cid: string) => {
      counted.lookUps += 1;
      return findAppended(author, cid);
    },
    load: (roomId: string) => {
      counted.loads += 1;
      return load(roomId);
    },
  });
  return { store, counted };
};

let at: TestServer;
let counted: ReturnType<typeof disk>['counted'];
let alice: Member;
let bob: Member;
let id: string;
let head: number;

beforeEach(async () => {
  const made = disk();
  counted = made.counted;
  at = await testServer({ store: made.store, limits: { requestBurst: 100_000 } });
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  ({ id, head } = await room('den', [alice, bob]));
});
afterEach(() => at[Symbol.asyncDispose]());

const say = (client: TestClient, who: Citizen, text: string, cid = newCid()) =>
  client.request('append', { room: id, cid, entry: message(who, id, 1, text) });

test('a session that sends new messages is not looked up, and its room is loaded once', async () => {
  const { client, who } = await at.login(alice.who).then((client) => ({ client, who: alice.who }));
  await say(client, who, 'first');
  Object.assign(counted, { lookUps: 0, loads: 0 });
  for (let count = 0; count < 5; count++) await say(client, who, 'next');
  expect(counted).toEqual({ lookUps: 0, loads: 0 });
  // Each session begins with a look-up: its client may repeat what the one before has sent.
  await say(await at.login(alice.who), who, 'again');
  expect(counted).toEqual({ lookUps: 1, loads: 0 });
});

test('the request after a refused one is looked up, because a client may repeat then', async () => {
  await say(alice.client, alice.who, 'first');
  const { lookUps } = counted;
  const refused = { ...message(alice.who, id, 1, 'refused'), by: bob.who.signer.fingerprint };
  const outcome = await outcomeOf(alice.client.request('append', { room: id, cid: newCid(), entry: refused }));
  expect(outcome).toBe('entry-refused');
  expect(counted.lookUps).toBe(lookUps + 1);
  await say(alice.client, alice.who, 'next');
  expect(counted.lookUps).toBe(lookUps + 2);
  await say(alice.client, alice.who, 'one more');
  expect(counted.lookUps).toBe(lookUps + 2);
});

test('a repeat gets the place of the first request, from the same session and from another one', async () => {
  const cid = newCid();
  const first = await say(alice.client, alice.who, 'once', cid);
  expect(first.seq).toBe(head + 1);
  await say(alice.client, alice.who, 'next');
  expect(await say(alice.client, alice.who, 'once', cid)).toEqual(first);
  expect(await say(await at.login(alice.who), alice.who, 'once', cid)).toEqual(first);
  expect((await at.store.load(id))?.head).toBe(head + 2);
});

/** Restarts the server on the same store, so that it remembers no request. */
async function restarted(): Promise<TestServer> {
  await at.server.close();
  at = await testServer({ store: at.store, limits: { requestBurst: 100_000 } });
  return at;
}

test('a repeat that comes after new requests is found by the store, and costs the others one reload at most', async () => {
  const cids = [newCid(), newCid()];
  const places: object[] = [];
  for (const cid of cids) places.push(await say(alice.client, alice.who, 'once', cid));
  await restarted();
  const [client, other] = [await at.login(alice.who), await at.login(bob.who)];
  await say(client, alice.who, 'new');
  await say(other, bob.who, 'new');
  const before = (await at.store.load(id))?.head ?? 0;
  const [repeat, pending] = await Promise.all([
    say(client, alice.who, 'once', cids[0]),
    outcomeOf(say(other, bob.who, 'behind it')),
  ]);
  expect(repeat).toEqual(places[0]);
  expect(['ok', 'internal']).toContain(typeof pending === 'object' ? 'ok' : pending);

  // From now on every request of that user is looked up, so that it disturbs the room no more.
  const { loads } = counted;
  await say(client, alice.who, 'new again');
  expect(await say(client, alice.who, 'once', cids[1])).toEqual(places[1]);
  expect(counted.loads).toBe(loads);
  const added = (await at.store.load(id))?.head ?? 0;
  expect(added - before).toBe(pending === 'internal' ? 1 : 2);
});

test('a repeat that the room would refuse by now gets the place of the first request', async () => {
  const cid = newCid();
  const first = await say(alice.client, alice.who, 'once', cid);
  await restarted();
  const client = await at.login(alice.who);
  await say(client, alice.who, 'new');
  // An entry for another log is refused; a request with an id that was carried out is not looked at.
  const refused = { ...message(alice.who, id, 1, 'once'), payload: utf8('{}') };
  expect(await client.request('append', { room: id, cid, entry: refused })).toEqual(first);
  expect(await outcomeOf(client.request('append', { room: id, cid: newCid(), entry: refused }))).toBe('entry-refused');
});

test('two users who choose the same id get each the place of their own request, also when they repeat it', async () => {
  const cid = newCid();
  await say(alice.client, alice.who, 'first');
  await say(bob.client, bob.who, 'first');
  const both = () =>
    Promise.all([say(alice.client, alice.who, 'of alice', cid), say(bob.client, bob.who, 'of bob', cid)]);
  const places = await both();
  expect(places.map(({ seq }) => seq).sort()).toEqual([head + 3, head + 4]);
  expect(await both()).toEqual(places);
  await restarted();
  [alice, bob] = [
    { ...alice, client: await at.login(alice.who) },
    { ...bob, client: await at.login(bob.who) },
  ];
  expect(await both()).toEqual(places);
  expect((await at.store.load(id))?.head).toBe(head + 4);
});
