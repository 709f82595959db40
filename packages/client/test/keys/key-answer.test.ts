/** Who is given a room's key by a member whom they ask for it. */
import { acceptWrap, composeInvite, composeLeave, createRoomCrypto, type RoomState } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { beforeEach, expect, test } from 'vitest';
import { answerKey } from '../../src/keys/key-answer.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';
import { IsolatedClient } from '../support/isolated-client.ts';

const crypto = createRoomCrypto();

let assembly: FakeRoom;
let ada: FakeMember;
let bob: FakeMember;

beforeEach(async () => {
  assembly = new FakeRoom();
  [ada, bob] = (await assembly.enter('ada', 'bob')) as [FakeMember, FakeMember];
  await assembly.rekey(ada);
  for (const member of [ada, bob]) assembly.read(member);
});

const given = () => assembly.server.of('give-key');
const ask = (number: number, user: string) => answerKey(ada.context, ada.room, number, user);

test('a member, who can open it', async () => {
  await ask(1, 'bob');
  const [answer] = given();
  const lacking: RoomState = { ...bob.state, secrets: {} };
  const { state } = acceptWrap(
    lacking,
    { epochNumber: 1, envelope: answer?.wrap.envelope ?? '', prekeys: bob.ring.keys },
    crypto,
  );
  expect(answer?.wrap.to).toBe(bob.fingerprint);
  expect(state.secrets).toEqual(ada.state.secrets);
});

test('somebody who was invited before it was made', async () => {
  const eve = new IsolatedClient('eve', assembly.clock, assembly.server);
  await eve.ring.publish();
  assembly.log.push(composeInvite(ada.author, ada.state, { ...eve.identity, verified: false }));
  assembly.read(ada);
  await ask(1, 'eve');
  expect(given()).toEqual([]);
  await assembly.rekey(ada);
  assembly.read(ada);
  await ask(2, 'eve');
  expect(given().map(({ number, wrap }) => [number, wrap.to])).toEqual([[2, eve.identity.fingerprint]]);
});

test('nobody who is not in the room, has left it, or came after it was made', async () => {
  await new IsolatedClient('eve', assembly.clock, assembly.server).ring.publish();
  await ask(1, 'eve');
  await assembly.enter('cyd');
  await ask(1, 'cyd');
  assembly.log.push(composeLeave(bob.author, bob.state));
  assembly.read(ada);
  await ask(1, 'bob');
  expect(given()).toEqual([]);
});

test('nobody an older key, or one that we lack', async () => {
  await assembly.enter('cyd');
  await assembly.rekey(ada);
  assembly.read(ada);
  await ask(1, 'bob');
  ada.take({ ...ada.state, secrets: {} });
  await ask(2, 'bob');
  expect(given()).toEqual([]);
});

test('nobody while an identity in the room is in doubt', async () => {
  ada.room.mayAct = false;
  await ask(1, 'bob');
  expect(given()).toEqual([]);
});

test('nobody under a prekey that is not theirs, which is told; and where there is none, it is left at that', async () => {
  const own = assembly.server.prekeys.get('bob');
  if (own === undefined) throw new Error('bob has no prekey');
  const thief = crypto.newPrekey();
  const stolen = { ...own, prekey: Buffer.from(thief.publicKey).toString('base64url'), madeAt: own.madeAt + 1 };
  assembly.server.prekeys.set('bob', stolen);
  await ask(1, 'bob');
  assembly.server.prekeys.set('bob', { ...own, key: Buffer.from(generateSigner().publicKey).toString('base64url') });
  await ask(1, 'bob');
  expect(ada.codes()).toEqual(['wrong-prekey bob', 'wrong-prekey bob']);
  assembly.server.prekeys.delete('bob');
  await ask(1, 'bob');
  expect([given(), ada.codes().length]).toEqual([[], 2]);
});
