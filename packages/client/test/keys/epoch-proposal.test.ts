/** How a member makes the next key: whose prekeys it is wrapped to, in which parts, and what may come between. */
import { setImmediate } from 'node:timers/promises';
import { limits, ProtocolError } from '@chat/protocol';
import { acceptWrap } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { proposeEpoch } from '../../src/keys/epoch-proposal.ts';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let assembly: FakeRoom;
let ada: FakeMember;
let bob: FakeMember;
let cyd: FakeMember;

beforeEach(async () => {
  assembly = new FakeRoom();
  [ada, bob, cyd] = (await assembly.enter('ada', 'bob', 'cyd')) as [FakeMember, FakeMember, FakeMember];
  for (const { ring } of assembly.members) ring.disconnected();
});

const recipients = (number: number) =>
  assembly.members
    .filter(({ fingerprint }) => assembly.server.wraps.has(`${number} ${fingerprint}`))
    .map(({ user }) => user);

test('everybody gets a wrap that opens, and our own prekey is known without asking', async () => {
  await assembly.rekey(ada);
  expect(assembly.server.of('get-prekeys', 'ada').at(-1)?.users).toEqual(['bob', 'cyd']);
  for (const member of assembly.members) assembly.read(member);
  const secrets = assembly.members.map(({ state }) => state.secrets[1]);
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toBeDefined();
  // Of one whose draft is lost too.
  expect(recipients(1)).toEqual(['ada', 'bob', 'cyd']);
});

test('what is proposed is kept and stored before the server hears of it', async () => {
  const steps: string[] = [];
  const context = { ...ada.context, save: async () => void steps.push(`stored ${ada.state.draft !== null}`) };
  assembly.server.answers['put-wraps'] = () => {
    steps.push('handed over');
    return {};
  };
  await proposeEpoch(context, ada.room, () => {});
  expect(steps).toEqual(['stored true', 'handed over']);
});

test('a prekey that its owner has put there meanwhile is the one that is used', async () => {
  await assembly.rekey(ada);
  for (const member of assembly.members) assembly.read(member);
  await bob.ring.publish();
  assembly.say(ada, 'used');
  assembly.read(ada);
  await assembly.clock.advance(limits.prekeyAge);
  await assembly.rekey(ada);
  const envelope = assembly.server.wraps.get(`2 ${bob.fingerprint}`) ?? '';
  assembly.read(bob);
  const lacking = { ...bob.state, secrets: {} };
  const opens = bob.ring.keys.map(
    (key) => acceptWrap(lacking, { epochNumber: 2, envelope, prekeys: [key] }, bob.context.crypto).events.length === 0,
  );
  expect(opens).toEqual([true, false]);
});

test('whoever has no prekey is left out, which is not told; the others are not kept waiting', async () => {
  assembly.server.prekeys.delete('bob');
  await assembly.rekey(ada);
  expect([recipients(1), ada.events]).toEqual([['ada', 'cyd'], []]);
});

test('whoever’s prekey is not theirs is left out, and it is told once for each key that is tried', async () => {
  const own = assembly.server.prekeys.get('bob');
  if (own !== undefined) assembly.server.prekeys.set('bob', { ...own, madeAt: own.madeAt + 1 });
  const { append } = assembly.server.answers;
  assembly.server.answers.append = () => {
    throw new ProtocolError('wraps-mismatch', 'Somebody has left.');
  };
  const duty = new HubDuty(ada.context, ada.room);
  duty.review();
  await assembly.clock.advance(5_000);
  expect(assembly.appended(ada).length).toBeGreaterThan(2);
  expect([recipients(1), ada.codes()]).toEqual([['ada', 'cyd'], ['wrong-prekey bob']]);

  if (append !== undefined) assembly.server.answers.append = append;
  await assembly.clock.advance(1_000);
  assembly.log.push(...assembly.appended(ada).slice(-1));
  await assembly.enter('dan');
  duty.review();
  await assembly.clock.advance(1_000);
  // Only newcomers get a wrap of a step, so nobody else's prekey was looked at.
  expect(ada.codes()).toEqual(['wrong-prekey bob']);
});

test.each([['wraps-mismatch'], ['stale-view']])(
  'what passes by itself (%s) is tried again without a word',
  async (code) => {
    let refusals = 0;
    assembly.server.answers.append = () => {
      refusals += 1;
      if (refusals === 1) throw new ProtocolError(code, 'Not now.');
      return { seq: 4, at: 0 };
    };
    new HubDuty(ada.context, ada.room).review();
    await assembly.clock.advance(1_000);
    expect([refusals, ada.events]).toEqual([2, []]);
  },
);

test('others get their turn between the wraps, and what they say meanwhile is not lost', async () => {
  await assembly.rekey(ada);
  for (const member of assembly.members) assembly.read(member);
  await assembly.enter(...Array.from({ length: 12 }, (_, index) => `p${index}`));
  const { wrap } = ada.context.crypto;
  let inTurn = 0;
  const turns: number[] = [];
  ada.context.crypto.wrap = (...wrapped) => {
    inTurn += 1;
    return wrap(...wrapped);
  };
  const { after } = assembly.clock;
  assembly.clock.after = (ms, action) => {
    turns.push(inTurn);
    inTurn = 0;
    return after(ms, action);
  };
  const proposing = proposeEpoch(ada.context, ada.room, () => {});
  await setImmediate();
  assembly.say(bob, 'meanwhile');
  assembly.read(ada);
  const head = ada.state.head.seq;
  for (let turn = 0; turn < 4; turn++) await assembly.clock.advance(0);
  await proposing;
  expect(assembly.appended(ada)).toHaveLength(2);
  expect(Math.max(...turns)).toBe(8);
  expect(ada.state.head.seq).toBe(head);
  expect(ada.state.draft).not.toBeNull();
});

test('when somebody enters while it is made, it is given up, and made for them too', async () => {
  await assembly.enter(...Array.from({ length: 10 }, (_, index) => `p${index}`));
  const duty = new HubDuty(ada.context, ada.room);
  duty.review();
  await setImmediate();
  expect(assembly.clock.waiting).toBeGreaterThan(0);
  await assembly.enter('late');
  await assembly.clock.advance(10);
  const [proposal, ...more] = assembly.appended(ada);
  expect(more).toEqual([]);
  expect(JSON.parse(proposal?.payload ?? '{}').answers).toBe(ada.state.membershipSeq);
  expect(recipients(1)).toHaveLength(14);
  expect(cyd.state.membershipSeq).toBe(ada.state.membershipSeq);
});
