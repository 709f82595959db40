/** The server takes no signature with a high s, and returns none of those that it stored before it had that rule. */
import { encodePayload } from '@chat/protocol';
import { isLowS, type Signer } from '@chat/signatures';
import { otherSignature } from '@chat/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryStore, MemoryDisk } from '../src/contract/index.ts';
import { author, enrol, renew } from './support/enrolling.ts';
import {
  type Author,
  create,
  epoch,
  fieldsOf,
  invite,
  join,
  knock,
  leave,
  message,
  newCid,
} from './support/entries.ts';
import { signedPrekey } from './support/prekeys.ts';
import { outcomeOf } from './support/test-client.ts';
import { type Member, type TestServer, testServer } from './support/test-server.ts';

let disk: MemoryDisk;
let at: TestServer;
let alice: Member;

beforeEach(async () => {
  disk = new MemoryDisk();
  at = await testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000 } });
  alice = await at.member('alice');
});
afterEach(() => at[Symbol.asyncDispose]());

/** Returns the author with a signer that makes the other signature, whose s is high. */
const highS = <A extends Author>(of: A): A => ({
  ...of,
  signer: { ...of.signer, sign: (...args: Parameters<Signer['sign']>) => otherSignature(of.signer.sign(...args)) },
});

const prekeyOf = (who: Author, madeAt: number) => signedPrekey(who, { serverId: at.server.serverId, madeAt });

test('refuses a login, an enrolment and a renewal with a high s', async () => {
  const client = await at.connect(alice.who);
  expect(await outcomeOf(client.request('login', await at.loginRequest(client, highS(alice.who))))).toBe(
    'login-refused',
  );
  const bob = author('bob');
  expect(await outcomeOf(enrol(at, highS(bob)))).toBe('login-refused');
  await enrol(at, bob);
  expect(await outcomeOf(renew(at, highS(bob)))).toBe('login-refused');
  await renew(at, bob);
});

test('refuses a prekey and a knock with a high s', async () => {
  const { client, who } = alice;
  expect(await outcomeOf(client.request('put-prekey', prekeyOf(highS(who), 1)))).toBe('prekey-refused');
  expect(await outcomeOf(client.request('put-prekey', prekeyOf(who, 1)))).toBe('ok');
  const { entry, room } = create(who, 'den', { join: 'invite', history: 'since-join' });
  await client.request('create-room', { cid: newCid(), entry });
  const bob = await at.member('bob');
  expect(await outcomeOf(bob.client.request('knock', { room, knock: knock(highS(bob.who), room) }))).toBe(
    'entry-refused',
  );
  expect(await outcomeOf(bob.client.request('knock', { room, knock: knock(bob.who, room) }))).toBe('ok');
});

test('refuses every entry with a high s, and a new room whose entries could have one', async () => {
  const { client, who } = alice;
  const mallory = highS(who);
  const bob = await at.member('bob');
  const createRoom = (entry: ReturnType<typeof join>) =>
    outcomeOf(client.request('create-room', { cid: newCid(), entry }));
  expect(await createRoom(create(mallory, 'den').entry)).toBe('entry-refused');
  const { entry, room } = create(who, 'den');
  const payload = encodePayload({ ...fieldsOf(entry.payload), v: 1 });
  const signature = who.signer.sign({ protocol: 'chat/1', purpose: 'room.create', context: '' }, payload);
  expect(await createRoom({ ...entry, payload, signature })).toBe('entry-refused');
  expect(await createRoom(entry)).toBe('ok');

  const append = (by: Member, each: typeof entry) =>
    outcomeOf(by.client.request('append', { room, cid: newCid(), entry: each }));
  const first = (by: Author) => epoch(by, room, { number: 1, answers: 1, wraps: [] });
  const said = message(who, room, 1);
  expect(await append(bob, join(highS(bob.who), room))).toBe('entry-refused');
  expect(await append(alice, first(mallory))).toBe('entry-refused');
  expect(await append(alice, invite(mallory, room, { about: bob.who, seq: 1 }))).toBe('entry-refused');
  expect(await append(alice, leave(mallory, room, 1))).toBe('entry-refused');
  expect(await append(alice, { ...said, signature: otherSignature(said.signature) })).toBe('entry-refused');
});

test('returns stored prekeys and knocks with the low s, whichever they were stored with', async () => {
  const { client, who } = alice;
  disk.prekeys.set('alice', prekeyOf(highS(who), 1));
  const { prekeys } = await client.request('get-prekeys', { users: ['alice'] });
  const { entry, room } = create(who, 'den', { join: 'invite', history: 'since-join' });
  await client.request('create-room', { cid: newCid(), entry });
  disk.knocks.set(
    room,
    new Map([['bob', { knock: knock(highS(author('bob')), room), at: Date.now(), dismissedAt: null }]]),
  );
  const { knocks } = await client.request('list-knocks', { room });
  const signatures = [...prekeys, ...knocks].map(({ signature }) => Buffer.from(signature, 'base64url'));
  expect(signatures.map((signature) => isLowS(signature))).toEqual([true, true]);
});
