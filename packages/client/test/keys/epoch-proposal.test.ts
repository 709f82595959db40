/** Making the next epoch: the recipients, the parts in which it is done, and what may happen in between. */
import { setImmediate } from 'node:timers/promises';
import { limits, ProtocolError, parsePayload, type RequestOf, wrapBytes } from '@chat/protocol';
import { composeLeave, rekeyReason } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.ts';
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

test('wraps the secret for every other member, over links that it opens to their prekeys', async () => {
  await fakeRoom.rekey(alice);
  expect(fakeRoom.server.of('get-prekeys', 'alice').at(-1)?.users.toSorted()).toEqual(['bob', 'carol']);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const secrets = fakeRoom.members.map(({ state }) => state.secrets[1]);
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toBeDefined();
  // The own secret is in the draft.
  expect(recipients(1)).toEqual(['bob', 'carol']);
});

test('stores the proposed epoch before the server gets it', async () => {
  const steps: string[] = [];
  const stored = () => {
    const senders = Object.values(alice.links.toJSON().senders);
    const next = senders.map(({ link }) => (link as { step: number }).step);
    return `stored ${alice.state.drafts.length} draft, links at ${next}`;
  };
  const context = { ...alice.context, save: async () => void steps.push(stored()) };
  for (const operation of ['put-links', 'put-wraps', 'append'] as const) {
    const answer = fakeRoom.server.answers[operation] as (...fields: unknown[]) => unknown;
    fakeRoom.server.answers[operation] = ((...fields: unknown[]) => {
      steps.push(operation);
      return answer(...fields);
    }) as never;
  }
  await proposeEpoch(context, alice.room, () => {});
  expect(steps).toEqual([
    'stored 1 draft, links at 1,1',
    'put-links',
    'stored 1 draft, links at 2,2',
    'put-wraps',
    'append',
  ]);
});

test('uses the links to the members again, and fetches no prekey for them', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const { server, clock } = fakeRoom;
  const before = [server.of('get-prekeys', 'alice').length, server.of('put-links', 'alice').length];
  fakeRoom.say(alice, 'used');
  fakeRoom.read(alice);
  await clock.advance(limits.freshKeyAge - 1);
  expect(rekeyReason(alice.state, clock.now() + 1)).toBe('age');
  clock.sleep(1);
  // A link serves for `linkAge` by the own clock, and this may be its last moment or later.
  const isCold = limits.freshKeyAge >= limits.linkAge;
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const after = [server.of('get-prekeys', 'alice').length, server.of('put-links', 'alice').length];
  expect(after).toEqual(isCold ? before.map((count) => count + 1) : before);
  expect(new Set(fakeRoom.members.map(({ state }) => state.secrets[2])).size).toBe(1);
});

test('opens another link, once, for a member whose link the server does not know, and leaves the member out then', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const { server } = fakeRoom;
  const rekeyWithout = async (isLost: () => boolean) => {
    const [dave] = await fakeRoom.enter(`d${fakeRoom.members.length}`);
    const { 'put-links': put } = server.answers;
    await fakeRoom.rekey(alice);
    for (const member of fakeRoom.members) fakeRoom.read(member);
    server.links.clear();
    server.answers['put-links'] = async (fields, caller) => {
      const answer = (await put?.(fields, caller)) ?? { refused: [] };
      if (isLost()) server.links.clear();
      return answer;
    };
    fakeRoom.log.push(composeLeave(dave?.author ?? alice.author, dave?.state ?? alice.state));
    for (const member of fakeRoom.members) fakeRoom.read(member);
    await fakeRoom.rekey(alice);
    if (put !== undefined) server.answers['put-links'] = put;
  };
  await rekeyWithout(() => false);
  expect(recipients(3)).toEqual(['bob', 'carol']);
  await rekeyWithout(() => true);
  expect(recipients(5)).toEqual([]);
  expect(fakeRoom.appended(alice)).toHaveLength(5);
});

test('leaves no member out when another room gives a link up while the wraps are made', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const { server } = fakeRoom;
  const [dave] = await fakeRoom.enter('dave');
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  fakeRoom.log.push(composeLeave(dave?.author ?? alice.author, dave?.state ?? alice.state));
  for (const member of fakeRoom.members) fakeRoom.read(member);
  const { outgoing } = alice.links;
  const inTurn = outgoing.inTurn.bind(outgoing);
  let lost = 1;
  outgoing.inTurn = async (work) => {
    const done = await inTurn(work);
    if (lost-- > 0) outgoing.clear();
    return done;
  };
  await fakeRoom.rekey(alice);
  expect([recipients(3), server.of('append', 'alice').length]).toEqual([['bob', 'carol'], 3]);
});

test('fetches a prekey once more that its owner has replaced meanwhile', async () => {
  const { server } = fakeRoom;
  const { 'put-links': put } = server.answers;
  let changes = 1;
  server.answers['put-links'] = async (fields, caller) =>
    changes-- > 0 ? { refused: [0, 1] } : ((await put?.(fields, caller)) ?? { refused: [] });
  const before = server.of('get-prekeys', 'alice').length;
  await fakeRoom.rekey(alice);
  expect([recipients(1), server.of('get-prekeys', 'alice').length - before]).toEqual([['bob', 'carol'], 2]);
  // No wrap was made on a link that the server has refused.
  expect(server.of('put-wraps', 'alice')).toHaveLength(1);
});

test('leaves no member out when the machine sleeps for a day while the links are opened', async () => {
  fakeRoom.sleepWhileOpening();
  await fakeRoom.rekey(alice);
  expect([recipients(1), fakeRoom.server.of('put-links', 'alice').length]).toEqual([['bob', 'carol'], 2]);
});

/** Rejects at one save or request, as if the client were killed there. */
async function killedAt(place: number): Promise<{ readonly ended: boolean; readonly wraps: readonly Uint8Array[] }> {
  let passed = 0;
  const die = () => {
    passed += 1;
    if (passed === place) throw new ClientError('unreachable', 'The client was killed.');
  };
  const wraps: Uint8Array[] = [];
  const { context } = alice;
  const request: typeof context.request = async (operation, fields) => {
    die();
    const answer = await context.request(operation, fields);
    if (operation === 'put-wraps') wraps.push((fields as RequestOf<'put-wraps'>).wraps.slice());
    die();
    return answer;
  };
  const save = async () => {
    die();
    await context.save();
    die();
  };
  const killed = { ...context, request, save, directory: context.directory };
  const ended = await proposeEpoch(killed, alice.room, () => {}).then(
    () => true,
    () => false,
  );
  return { ended, wraps };
}

const stepsOf = (slots: Uint8Array): string[] =>
  [...Array(slots.length / wrapBytes).keys()]
    .map((place) => Buffer.from(slots.subarray(wrapBytes * place, wrapBytes * place + 12)).toString('hex'))
    .filter((head) => head !== '0'.repeat(24));

test('uses no step of a link for two secrets, wherever it is killed, and the next start makes the epoch', async () => {
  let place = 0;
  for (let ended = false; !ended; place++) {
    fakeRoom = new FakeRoom();
    [alice, bob, carol] = (await fakeRoom.enter('alice', 'bob', 'carol')) as [FakeMember, FakeMember, FakeMember];
    const first = await killedAt(place + 1);
    ended = first.ended;
    // What was not stored is lost.
    alice = fakeRoom.restart(alice);
    const second = await killedAt(0);
    expect(second.ended).toBe(true);
    const steps = [...first.wraps, ...second.wraps].flatMap(stepsOf);
    expect(new Set(steps).size).toBe(steps.length);
    fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
    for (const member of [bob, carol]) fakeRoom.read(member);
    expect(bob.state.secrets[1]).toBeDefined();
    expect(bob.state.secrets[1]).toBe(carol.state.secrets[1]);
  }
  expect(place).toBeGreaterThan(8);
});

test('leaves out a member without a prekey, without an event and without delay for the others', async () => {
  fakeRoom.server.prekeys.delete('bob');
  await fakeRoom.rekey(alice);
  expect([recipients(1), alice.events]).toEqual([['carol'], []]);
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
  expect([recipients(1), alice.codes()]).toEqual([['carol'], ['wrong-prekey bob']]);

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

test('yields between the openings of links, and loses nothing that is read in between', async () => {
  await fakeRoom.rekey(alice);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  await fakeRoom.enter(...Array.from({ length: 30 }, (_, index) => `p${index}`));
  const { outgoing } = alice.context;
  const open = outgoing.open.bind(outgoing);
  let inTurn = 0;
  const turns: number[] = [];
  outgoing.open = (...opened) => {
    inTurn += 1;
    return open(...opened);
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
  expect(Math.max(...turns)).toBe(13);
  expect(alice.state.head.seq).toBe(head);
  expect(alice.state.drafts).toHaveLength(1);
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
  expect(recipients(1)).toHaveLength(13);
  expect(carol.state.membershipSeq).toBe(alice.state.membershipSeq);
});
