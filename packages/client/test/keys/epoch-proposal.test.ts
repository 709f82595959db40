/** Making the next epoch: the recipients, the parts in which it is done, and what may happen in between. */
import { setImmediate } from 'node:timers/promises';
import { limits, ProtocolError, parsePayload } from '@chat/protocol';
import { acceptWrap } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { proposeEpoch } from '../../src/keys/epoch-proposal.ts';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;
let carol: FakeMember;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice, bob, carol] = (await fakeRoom.enter('alice', 'bob', 'carol')) as [FakeMember, FakeMember, FakeMember];
  for (const { ring } of fakeRoom.members) ring.disconnected();
});

const recipients = (number: number) =>
  fakeRoom.members
    .filter(({ fingerprint }) => fakeRoom.server.wraps.has(`${number} ${fingerprint}`))
    .map(({ user }) => user);

test('wraps the secret for every member, and takes the own prekey without a request', async () => {
  await fakeRoom.rekey(alice);
  expect(fakeRoom.server.of('get-prekeys', 'alice').at(-1)?.users).toEqual(['bob', 'carol']);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const secrets = fakeRoom.members.map(({ state }) => state.secrets[1]);
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toBeDefined();
  // A member who loses the draft can fetch the own wrap, too.
  expect(recipients(1)).toEqual(['alice', 'bob', 'carol']);
});

test('stores the proposed epoch before the server gets it', async () => {
  const steps: string[] = [];
  const context = { ...alice.context, save: async () => void steps.push(`stored ${alice.state.draft !== null}`) };
  fakeRoom.server.answers['put-wraps'] = () => {
    steps.push('handed over');
    return {};
  };
  await proposeEpoch(context, alice.room, () => {});
  expect(steps).toEqual(['stored true', 'handed over']);
});

test('wraps to the latest prekey of a member', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  await bob.ring.publish();
  fakeRoom.say(alice, 'used');
  fakeRoom.read(alice);
  await fakeRoom.clock.advance(limits.prekeyAge);
  await fakeRoom.rekey(alice);
  const envelope = fakeRoom.server.wraps.get(`2 ${bob.fingerprint}`) ?? '';
  fakeRoom.read(bob);
  const lacking = { ...bob.state, secrets: {} };
  const opens = bob.ring.keys.map(
    (key) => acceptWrap(lacking, { epochNumber: 2, envelope, prekeys: [key] }, bob.context.crypto).events.length === 0,
  );
  expect(opens).toEqual([true, false]);
});

test('leaves out a member without a prekey, without an event and without delay for the others', async () => {
  fakeRoom.server.prekeys.delete('bob');
  await fakeRoom.rekey(alice);
  expect([recipients(1), alice.events]).toEqual([['alice', 'carol'], []]);
});

test('leaves out a member whose prekey is refused, and reports it once for each epoch', async () => {
  const own = fakeRoom.server.prekeys.get('bob');
  if (own !== undefined) fakeRoom.server.prekeys.set('bob', { ...own, madeAt: own.madeAt + 1 });
  const { append } = fakeRoom.server.answers;
  fakeRoom.server.answers.append = () => {
    throw new ProtocolError('wraps-mismatch', 'A member has left.');
  };
  const duty = new HubDuty(alice.context, alice.room);
  duty.review();
  await fakeRoom.clock.advance(5_000);
  expect(fakeRoom.appended(alice).length).toBeGreaterThan(2);
  expect([recipients(1), alice.codes()]).toEqual([['alice', 'carol'], ['wrong-prekey bob']]);

  if (append !== undefined) fakeRoom.server.answers.append = append;
  await fakeRoom.clock.advance(1_000);
  fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
  await fakeRoom.enter('dave');
  duty.review();
  await fakeRoom.clock.advance(1_000);
  // Only the newcomer gets a wrap of a step, so no other prekey was requested.
  expect(alice.codes()).toEqual(['wrong-prekey bob']);
});

test.each([['wraps-mismatch'], ['stale-view']])('tries again without an event after %s', async (code) => {
  let refusals = 0;
  fakeRoom.server.answers.append = () => {
    refusals += 1;
    if (refusals === 1) throw new ProtocolError(code, 'Not now.');
    return { seq: 4, at: 0 };
  };
  new HubDuty(alice.context, alice.room).review();
  await fakeRoom.clock.advance(1_000);
  expect([refusals, alice.events]).toEqual([2, []]);
});

test('yields between the wraps, and loses nothing that is read in between', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  await fakeRoom.enter(...Array.from({ length: 12 }, (_, index) => `p${index}`));
  const { wrap } = alice.context.crypto;
  let inTurn = 0;
  const turns: number[] = [];
  alice.context.crypto.wrap = (...wrapped) => {
    inTurn += 1;
    return wrap(...wrapped);
  };
  const { after } = fakeRoom.clock;
  fakeRoom.clock.after = (ms, action) => {
    turns.push(inTurn);
    inTurn = 0;
    return after(ms, action);
  };
  const proposing = proposeEpoch(alice.context, alice.room, () => {});
  await setImmediate();
  fakeRoom.say(bob, 'meanwhile');
  fakeRoom.read(alice);
  const head = alice.state.head.seq;
  for (let turn = 0; turn < 4; turn++) await fakeRoom.clock.advance(0);
  await proposing;
  expect(fakeRoom.appended(alice)).toHaveLength(2);
  expect(Math.max(...turns)).toBe(8);
  expect(alice.state.head.seq).toBe(head);
  expect(alice.state.draft).not.toBeNull();
});

test('drops an epoch when a user joins while it is made, and makes one for that user, too', async () => {
  await fakeRoom.enter(...Array.from({ length: 10 }, (_, index) => `p${index}`));
  const duty = new HubDuty(alice.context, alice.room);
  duty.review();
  await setImmediate();
  expect(fakeRoom.clock.waiting).toBeGreaterThan(0);
  await fakeRoom.enter('late');
  await fakeRoom.clock.advance(10);
  const [proposal, ...more] = fakeRoom.appended(alice);
  expect(more).toEqual([]);
  expect(parsePayload('epoch', proposal?.payload ?? new Uint8Array(0))?.answers).toBe(alice.state.membershipSeq);
  expect(recipients(1)).toHaveLength(14);
  expect(carol.state.membershipSeq).toBe(alice.state.membershipSeq);
});
