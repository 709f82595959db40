/** Key requests: which members are asked, in which order, and how the answers are used. */
import { ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { answerKey } from '../../src/keys/key-answer.ts';
import type { Fetched } from '../../src/keys/key-fetch.ts';
import { KeyFetch } from '../../src/keys/key-fetch.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;
let carol: FakeMember;
let dave: FakeMember;
let keys: KeyFetch;
let connected: boolean;

const refuse = (code: string) => () => {
  throw new ProtocolError(code, 'No.');
};

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  const entered = await fakeRoom.enter('alice', 'bob', 'carol', 'dave', 'eli');
  [alice, bob, carol, dave] = entered as [FakeMember, FakeMember, FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  for (const member of [alice, carol, dave]) fakeRoom.read(member);
  keys = new KeyFetch(bob.context, bob.room);
  connected = true;
  fakeRoom.server.answers['ask-key'] = async ({ number, user }, { user: asker }) => {
    const holder = fakeRoom.members.find((member) => member.user === user);
    if (holder === undefined) throw new Error(`there is no member ${user}`);
    await answerKey(holder.context, holder.room, number, asker);
    keys.given(number);
    return {};
  };
});

/** Deletes bob’s wrap, or replaces it by this one. */
function spoil(envelope?: string): void {
  const place = `1 ${bob.fingerprint}`;
  fakeRoom.server.wraps.delete(place);
  fakeRoom.read(bob);
  if (envelope !== undefined) fakeRoom.server.wraps.set(place, envelope);
}

const fetchKey = (): Promise<Fetched> => keys.fetch(bob.state, 1, () => connected);

async function settled(fetching: Promise<Fetched>) {
  const fetched = await fetching;
  if (fetched === 'disconnected') return fetched;
  const violations = fetched.events.flatMap((event) =>
    event.kind === 'violation' ? [`${event.code} ${event.user}`] : [],
  );
  return { held: fetched.state.secrets[1] === alice.state.secrets[1], violations };
}

const wanted = () => bob.events.flatMap((event) => (event.kind === 'key-wanted' ? [event.asked] : []));
const asked = () => fakeRoom.server.of('ask-key', 'bob').map(({ user }) => user);
const silent = () => ({});

test('asks no member if the server has a wrap', async () => {
  const envelope = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`);
  spoil(envelope);
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual([]);
});

test('asks the first other member but its author for a key without a wrap, and gets it', async () => {
  spoil();
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(bob.events.filter(({ kind }) => kind === 'key-wanted')).toEqual([
    {
      kind: 'key-wanted',
      roomId: bob.state.room,
      roomName: 'lobby',
      epoch: 1,
      since: fakeRoom.clock.now(),
      asked: ['carol'],
    },
  ]);
  expect(fakeRoom.clock.waiting).toBe(fakeRoom.members.length);
});

test('reports the author of a wrong wrap, and does not ask that member', async () => {
  spoil(fakeRoom.server.wraps.get(`1 ${carol.fingerprint}`));
  expect(await settled(fetchKey())).toEqual({ held: true, violations: ['wrong-key alice'] });
  expect(asked()).toEqual(['carol']);
});

test('reports no wrong wrap from before the join, because its prekey may be erased', async () => {
  spoil(fakeRoom.server.wraps.get(`1 ${carol.fingerprint}`));
  const { members } = bob.state;
  const own = members.get(bob.fingerprint);
  if (own === undefined) throw new Error('bob is no member');
  // The state of a user who was invited at the position where bob joined, and joins later.
  const joined = { ...own, joinedAt: bob.state.head.seq + 1 };
  bob.take({ ...bob.state, members: members.put(bob.fingerprint, joined) });
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual(['carol']);
});

test('reports the member who answers with a wrong key, not the epoch’s author, and asks the next member', async () => {
  spoil();
  bob.room.online = ['bob', 'carol', 'dave'];
  const { 'ask-key': ask } = fakeRoom.server.answers;
  fakeRoom.server.answers['ask-key'] = async (fields, caller) => {
    if (fields.user !== 'carol') return (await ask?.(fields, caller)) ?? {};
    fakeRoom.server.wraps.set(`1 ${bob.fingerprint}`, fakeRoom.server.wraps.get(`1 ${dave.fingerprint}`) ?? '');
    keys.given(1);
    return {};
  };
  expect(await settled(fetchKey())).toEqual({ held: true, violations: ['wrong-key carol'] });
  expect(wanted()).toEqual([['carol'], ['carol', 'dave']]);
});

test('ignores an answer for another epoch', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = fetchKey();
  await fakeRoom.clock.advance(0);
  expect([keys.given(7), keys.given(1), keys.given(1)]).toEqual([false, true, false]);
  keys.disconnected();
  await fakeRoom.clock.advance(15_000);
  expect(await settled(fetching)).toEqual({ held: false, violations: [] });
});

test('waits five seconds for each of three members, once on each connection', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  let result: unknown = null;
  void settled(fetchKey()).then((outcome) => {
    result = outcome;
  });
  await fakeRoom.clock.advance(14_999);
  expect([asked(), result]).toEqual([['carol', 'dave', 'eli'], null]);
  await fakeRoom.clock.advance(1);
  expect(result).toEqual({ held: false, violations: [] });
  expect(wanted().at(-1)).toEqual(['carol', 'dave', 'eli']);

  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toHaveLength(3);
  keys.disconnected();
  const again = fetchKey();
  await fakeRoom.clock.advance(15_000);
  expect(await settled(again)).toEqual({ held: false, violations: [] });
  expect(asked()).toHaveLength(6);
});

test('asks the next member at once if one has just disconnected', async () => {
  spoil();
  const { 'ask-key': ask } = fakeRoom.server.answers;
  fakeRoom.server.answers['ask-key'] = async (fields, caller) =>
    fields.user === 'carol' ? refuse('not-online')() : ((await ask?.(fields, caller)) ?? {});
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(wanted()).toEqual([['dave']]);
});

test('asks no member who is offline or joined after the epoch was made', async () => {
  spoil();
  await fakeRoom.enter('erin');
  bob.room.online = ['bob', 'erin'];
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toEqual([]);
  bob.room.online = ['bob', 'erin', 'dave'];
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual(['dave']);
});

test('asks for the latest key only', async () => {
  spoil();
  await fakeRoom.enter('erin');
  await fakeRoom.rekey(alice);
  fakeRoom.read(bob);
  expect(bob.state.epoch?.number).toBe(2);
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toEqual([]);
});

test.each([['epoch-conflict'], ['stale-epoch']])(
  'stops asking for a key that is no longer the latest (%s)',
  async (code) => {
    spoil();
    fakeRoom.server.answers['ask-key'] = refuse(code);
    expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
    expect([asked(), bob.events]).toEqual([['carol'], []]);
  },
);

test.each([['not-a-member'], ['removed'], ['unknown-room']])(
  'fetches no key when the user is out of the room (%s), and reads on',
  async (code) => {
    spoil();
    fakeRoom.server.answers['get-wrap'] = refuse(code);
    fakeRoom.server.answers['ask-key'] = refuse(code);
    expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
    expect([fakeRoom.server.of('get-wrap', 'bob').length, bob.events]).toEqual([1, []]);
  },
);

test('reports any other refusal', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = refuse('rate-limited');
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(bob.codes()).toEqual(['rate-limited']);
});

test('reports at once, and once only, that the server fails to give a wrap, and asks for it again after growing pauses', async () => {
  const envelope = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`);
  spoil(envelope);
  const { 'get-wrap': give } = fakeRoom.server.answers;
  fakeRoom.server.answers['get-wrap'] = refuse('internal');
  const fetching = fetchKey();
  await fakeRoom.clock.advance(0);
  expect(bob.codes()).toEqual(['internal']);
  await fakeRoom.clock.advance(3_000);
  expect([bob.codes(), fakeRoom.server.of('get-wrap', 'bob').length]).toEqual([['internal'], 3]);
  if (give !== undefined) fakeRoom.server.answers['get-wrap'] = give;
  await fakeRoom.clock.advance(4_000);
  expect(await settled(fetching)).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual([]);
});

test('stops at once when the connection is lost', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = fetchKey();
  await fakeRoom.clock.advance(0);
  connected = false;
  keys.disconnected();
  expect(await settled(fetching)).toBe('disconnected');
});

test('neither fetches nor asks for a key from before the join', async () => {
  const [erin] = await fakeRoom.enter('erin');
  if (erin === undefined) throw new Error('erin did not enter');
  const late = new KeyFetch(erin.context, erin.room);
  const state = { ...erin.state, epochs: alice.state.epochs };
  expect(await late.fetchMissing(state, () => true)).toEqual({ state, events: [] });
  expect(fakeRoom.server.of('get-wrap', 'erin')).toEqual([]);
});

/** Lets these members answer that they lack the key too, and no other one answer at all. */
function lacking(...users: readonly string[]): void {
  fakeRoom.server.answers['ask-key'] = ({ number, user }) => {
    if (users.includes(user)) keys.lacked(number, user);
    return {};
  };
}

test('knows that a key is lost when those whom it asked lack it too, and reports its author', async () => {
  spoil();
  lacking('carol', 'dave', 'eli');
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect([asked(), keys.lostEpoch, bob.codes()]).toEqual([['carol', 'dave', 'eli'], 1, ['key-withheld']]);
  expect(bob.events.find(({ kind }) => kind === 'trouble')).toMatchObject({ reason: /^alice has made a key/u });
  keys.disconnected();
  expect(keys.lostEpoch).toBe(0);
});

test('does not report the author twice: a wrong wrap has shown who it is', async () => {
  spoil(fakeRoom.server.wraps.get(`1 ${carol.fingerprint}`));
  lacking('carol', 'dave', 'eli');
  expect(await settled(fetchKey())).toEqual({ held: false, violations: ['wrong-key alice'] });
  expect([keys.lostEpoch, bob.codes()]).toEqual([1, []]);
});

test('counts no key as lost while a member is silent, or when nobody could be asked', async () => {
  spoil();
  lacking('carol', 'eli');
  const fetching = fetchKey();
  await fakeRoom.clock.advance(5_000);
  expect(await settled(fetching)).toEqual({ held: false, violations: [] });
  expect([asked(), keys.lostEpoch, bob.codes()]).toEqual([['carol', 'dave', 'eli'], 0, []]);
  keys.disconnected();
  bob.room.online = ['bob'];
  await fetchKey();
  expect(keys.lostEpoch).toBe(0);
});

test('asks the author last, and waits a second only when others lack the key too', async () => {
  spoil();
  bob.room.online = ['bob', 'alice', 'carol'];
  lacking('carol');
  const fetching = fetchKey();
  await fakeRoom.clock.advance(999);
  expect([asked(), keys.lostEpoch]).toEqual([['carol', 'alice'], 0]);
  await fakeRoom.clock.advance(1);
  await fetching;
  expect(keys.lostEpoch).toBe(1);
});

test('ignores an answer of a member whom it did not ask, or about another key', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = fetchKey();
  await fakeRoom.clock.advance(0);
  keys.lacked(1, 'dave');
  keys.lacked(2, 'carol');
  await fakeRoom.clock.advance(0);
  expect(asked()).toEqual(['carol']);
  keys.lacked(1, 'carol');
  await fakeRoom.clock.advance(0);
  expect(asked()).toEqual(['carol', 'dave']);
  await fakeRoom.clock.advance(15_000);
  await fetching;
});

const denied = () => fakeRoom.server.of('lack-key', 'bob').map(({ user }) => user);

test('tells members who ask for a key that it lacks it too, while it asks for it: those who ask then and those who asked before', async () => {
  spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const early = keys.askers.asked({ epochNumber: 1, user: 'dave' });
  const other = keys.askers.asked({ epochNumber: 2, user: 'eli' });
  expect(denied()).toEqual([]);
  const fetching = fetchKey();
  await fakeRoom.clock.advance(0);
  expect(denied()).toEqual(['dave']);
  const late = keys.askers.asked({ epochNumber: 1, user: 'carol' });
  keys.askers.asked({ epochNumber: 1, user: 'carol' });
  await fakeRoom.clock.advance(0);
  // These two have their answer; the third one waits until everything was read.
  expect([denied(), early(), late(), other()]).toEqual([['dave', 'carol'], false, false, true]);
  await fakeRoom.clock.advance(15_000);
  await fetching;
  expect(keys.askers.asked({ epochNumber: 1, user: 'alice' })()).toBe(true);
  expect(denied()).toEqual(['dave', 'carol']);
});
