/** A server that never hands out a wrap: how often it is asked, and what follows. */
import { ProtocolError, wrapBytes } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { beforeEach, expect, test } from 'vitest';
import { answerKey } from '../../src/keys/key-answer.ts';
import { KeyFetch } from '../../src/keys/key-fetch.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;
let keys: KeyFetch;
let connected: boolean;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice, bob] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  for (const { ring } of [alice, bob]) ring.disconnected();
  keys = new KeyFetch(bob.context, bob.room);
  connected = true;
  // Bob reads the epoch and finds no wrap.
  fakeRoom.server.wraps.delete(`1 ${bob.fingerprint}`);
  fakeRoom.read(bob);
});

const fail = () => {
  throw new ProtocolError('internal', 'The server failed.');
};
const fetchKey = () => keys.fetch(bob.state, 1, () => connected);
const attempts = () => fakeRoom.server.of('get-wraps', 'bob').length;
const hour = 60 * 60_000;

test('asks the server six times, with growing pauses, then a member, and then tells the user once', async () => {
  fakeRoom.server.answers['get-wraps'] = fail;
  fakeRoom.server.answers['ask-key'] = () => ({});
  const fetching = fetchKey();
  const counts: number[] = [];
  for (const pauseMs of [0, 1_000, 2_000, 4_000, 8_000, 16_000]) {
    await fakeRoom.clock.advance(pauseMs);
    counts.push(attempts());
  }
  expect([counts, keys.underWay]).toEqual([[1, 2, 3, 4, 5, 6], true]);
  await fakeRoom.clock.advance(hour);
  const fetched = await fetching;
  expect(fetched !== 'disconnected' && fetched.state.secrets[1]).toBeUndefined();
  expect([fakeRoom.server.of('ask-key', 'bob').length, attempts(), keys.underWay]).toEqual([1, 6, false]);
  expect(bob.codes()).toEqual(['internal', 'key-missing']);
  const again = fetchKey();
  await fakeRoom.clock.advance(hour);
  await again;
  expect(bob.codes()).toEqual(['internal', 'key-missing', 'internal']);
});

test('takes the key from a member if the server hands out its answer, and reports no missing key', async () => {
  fakeRoom.server.answers['ask-key'] = async ({ number }, { user }) => {
    if (answers !== undefined) fakeRoom.server.answers['get-wraps'] = answers;
    await answerKey(alice.context, alice.room, number, user);
    const [given] = fakeRoom.server.of('give-key', 'alice').slice(-1);
    if (given !== undefined) keys.given({ epochNumber: number, from: alice.fingerprint, wrap: given.wrap });
    return {};
  };
  const answers = fakeRoom.server.answers['get-wraps'];
  fakeRoom.server.answers['get-wraps'] = fail;
  const fetching = fetchKey();
  await fakeRoom.clock.advance(hour);
  const fetched = await fetching;
  expect(fetched !== 'disconnected' && fetched.state.secrets[1]).toBe(alice.state.secrets[1]);
  expect(bob.codes()).toEqual(['internal']);
});

test('leaves alone what is for an earlier key of the user, which the room still has', async () => {
  const renewed = new KeyFetch({ ...bob.context, signer: generateSigner() }, bob.room);
  // The server sends by the user name, and may not have noticed that the wrap is for the key before.
  renewed.pushed(1, new Uint8Array(wrapBytes).fill(1));
  const before = fakeRoom.server.requests.length;
  expect(await renewed.fetch(bob.state, 1, () => connected)).toEqual({ state: bob.state, events: [] });
  expect([fakeRoom.server.requests.length - before, renewed.underWay]).toEqual([0, false]);
});

test('ends its pause with the connection', async () => {
  fakeRoom.server.answers['get-wraps'] = fail;
  const fetching = fetchKey();
  await fakeRoom.clock.advance(3_000);
  connected = false;
  keys.disconnected();
  expect([await fetching, fakeRoom.clock.waiting]).toEqual(['disconnected', 0]);
});
