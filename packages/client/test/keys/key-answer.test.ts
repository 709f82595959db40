/** Key answers: to which users a member gives a room's key. */
import { limits, ProtocolError } from '@chat/protocol';
import { composeInvite, composeLeave, createRoomCrypto, type RoomState } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { answerKey } from '../../src/keys/key-answer.ts';
import { takeAnswer } from '../../src/keys/wrap-intake.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';
import { IsolatedClient } from '../support/isolated-client.ts';

const crypto = createRoomCrypto();

let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice, bob] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  for (const member of [alice, bob]) fakeRoom.read(member);
});

const given = () => fakeRoom.server.of('give-key');
const ask = (number: number, user: string) => answerKey(alice.context, alice.room, number, user);

test('gives the key to a member, who can open it', async () => {
  await ask(1, 'bob');
  const [answer] = given();
  const lacking: RoomState = { ...bob.state, secrets: {} };
  const wrap = answer?.wrap ?? new Uint8Array();
  const taken = await takeAnswer(bob.context, lacking, { epochNumber: 1, from: alice.fingerprint, wrap });
  expect(answer?.to).toBe(bob.fingerprint);
  expect(typeof taken === 'string' ? taken : taken.secrets).toEqual(alice.state.secrets);
});

test('answers once more, over another link, if the server does not know the first one, and not for ever', async () => {
  const { server } = fakeRoom;
  server.links.clear();
  await ask(1, 'bob');
  expect(given()).toHaveLength(2);
  await bob.context.mail.fetch();
  const wrap = given().at(-1)?.wrap ?? new Uint8Array();
  const lacking: RoomState = { ...bob.state, secrets: {} };
  const taken = await takeAnswer(bob.context, lacking, { epochNumber: 1, from: alice.fingerprint, wrap });
  expect(typeof taken === 'string' ? taken : taken.secrets).toEqual(alice.state.secrets);
  server.answers['put-links'] = () => ({ refused: [] });
  for (let asked = 0; asked < 10; asked++) {
    server.links.clear();
    await ask(1, 'bob');
  }
  // The link of the epoch, and in an hour four more to one user on the word of the server.
  expect(server.of('put-links', 'alice')).toHaveLength(5);
});

test('answers over another link when the machine sleeps for a day while the first one is opened', async () => {
  fakeRoom.clock.sleep(limits.linkAge);
  fakeRoom.sleepWhileOpening();
  const before = fakeRoom.server.of('put-links', 'alice').length;
  await ask(1, 'bob');
  expect([given().length, fakeRoom.server.of('put-links', 'alice').length - before]).toEqual([1, 2]);
});

test('gives the key to a user who was invited before the epoch was made', async () => {
  const erin = new IsolatedClient('erin', fakeRoom.clock, fakeRoom.server);
  await erin.ring.publish();
  fakeRoom.log.push(composeInvite(alice.author, alice.state, { ...erin.identity, verified: false }));
  fakeRoom.read(alice);
  await ask(1, 'erin');
  expect(given()).toEqual([]);
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  await ask(2, 'erin');
  expect(given().map(({ number, to }) => [number, to])).toEqual([[2, erin.identity.fingerprint]]);
});

test('gives the key to no user who is not in the room, has left it, or came after the epoch was made', async () => {
  await new IsolatedClient('erin', fakeRoom.clock, fakeRoom.server).ring.publish();
  await ask(1, 'erin');
  await fakeRoom.enter('carol');
  await ask(1, 'carol');
  fakeRoom.log.push(composeLeave(bob.author, bob.state));
  fakeRoom.read(alice);
  await ask(1, 'bob');
  expect(given()).toEqual([]);
});

test('gives neither an older key nor one that it lacks, and says that it lacks the latest', async () => {
  await fakeRoom.enter('carol');
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  await ask(1, 'bob');
  const denied = () => fakeRoom.server.of('lack-key').map(({ number, user }) => [number, user]);
  expect(denied()).toEqual([]);
  alice.take({ ...alice.state, secrets: {} });
  await ask(2, 'bob');
  expect([given(), denied()]).toEqual([[], [[2, 'bob']]]);
});

test('gives no key while the room has a changed identity', async () => {
  alice.room.mayAct = false;
  await ask(1, 'bob');
  expect(given()).toEqual([]);
});

test('gives no key to a prekey that is refused, which it reports, or to a user without a prekey', async () => {
  const own = fakeRoom.server.prekeyOf('bob');
  alice.links.outgoing.clear();
  const thief = crypto.newPrekey();
  const stolen = { ...own, prekey: Buffer.from(thief.publicKey).toString('base64url'), madeAt: own.madeAt + 1 };
  fakeRoom.server.prekeys.set('bob', stolen);
  await ask(1, 'bob');
  fakeRoom.server.prekeys.set('bob', { ...own, key: Buffer.from(generateSigner().publicKey).toString('base64url') });
  await ask(1, 'bob');
  expect(alice.codes()).toEqual(['wrong-prekey bob', 'wrong-prekey bob']);
  fakeRoom.server.prekeys.delete('bob');
  await ask(1, 'bob');
  expect([given(), alice.codes().length]).toEqual([[], 2]);
});

test('is done when the member has left meanwhile, and fails when the server does', async () => {
  const request = (code: string) => async (op: string, fields: object) => {
    if (op === 'give-key') throw new ProtocolError(code, 'The server refuses.');
    return alice.context.request(op as 'ping', fields as Record<string, never>);
  };
  const answer = (code: string) =>
    answerKey({ ...alice.context, request: request(code) as typeof alice.context.request }, alice.room, 1, 'bob');
  await answer('unknown-member');
  await answer('not-allowed');
  expect(await rejectedCode(answer('internal'))).toBe('internal');
});
