/** Keys that the asked members lack too: when the client counts a key as lost, and when it denies one. */
import { beforeEach, expect, test } from 'vitest';
import type { KeyFetch } from '../../src/keys/key-fetch.ts';
import type { FakeMember, FakeRoom } from '../support/fake-room.ts';
import { LackingMember } from '../support/lacking-member.ts';

let setting: LackingMember;
let fakeRoom: FakeRoom;
let bob: FakeMember;
let keys: KeyFetch;

async function begin(isAliceHonest = true): Promise<void> {
  setting = await LackingMember.create(isAliceHonest);
  ({ fakeRoom, bob, keys } = setting);
}

beforeEach(() => begin());

const silent = () => ({});

/** Lets these members answer that they lack the key too, and no other one answer at all. */
function lacking(...users: readonly string[]): void {
  fakeRoom.server.answers['ask-key'] = ({ number, user }) => {
    if (users.includes(user)) keys.lacked(number, user);
    return {};
  };
}

test('knows that a key is lost when those whom it asked lack it too and the author is silent, and reports the author', async () => {
  setting.spoil();
  lacking('carol', 'dave', 'eli');
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(1_000);
  expect(await setting.settled(fetching)).toEqual({ held: false, violations: [] });
  expect(setting.asked()).toEqual(['carol', 'dave', 'eli', 'alice']);
  expect([keys.lostEpoch, bob.codes()]).toEqual([1, ['key-withheld']]);
  expect(bob.events.find(({ kind }) => kind === 'trouble')).toMatchObject({ reason: /^alice has made a key/u });
  keys.disconnected();
  expect(keys.lostEpoch).toBe(0);
});

test('does not report the author twice: a wrong wrap has shown who it is', async () => {
  await begin(false);
  setting.spoil(fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`));
  lacking('carol', 'dave', 'eli');
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: ['wrong-key alice'] });
  expect([keys.lostEpoch, bob.codes()]).toEqual([1, []]);
});

test('counts no key as lost while a member is silent, or when no member could be asked', async () => {
  setting.spoil();
  lacking('carol', 'eli');
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(6_000);
  expect(await setting.settled(fetching)).toEqual({ held: false, violations: [] });
  expect([setting.asked(), keys.lostEpoch, bob.codes()]).toEqual([['carol', 'dave', 'eli', 'alice'], 0, []]);
  keys.disconnected();
  bob.room.online = ['bob'];
  await setting.fetchKey();
  expect(keys.lostEpoch).toBe(0);
});

test('asks the author last, and waits a second only when others lack the key too', async () => {
  setting.spoil();
  bob.room.online = ['bob', 'alice', 'carol'];
  lacking('carol');
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(999);
  expect([setting.asked(), keys.lostEpoch]).toEqual([['carol', 'alice'], 0]);
  await fakeRoom.clock.advance(1);
  await fetching;
  expect(keys.lostEpoch).toBe(1);
});

test('ignores an answer of a member whom it did not ask, or about another key', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(0);
  keys.lacked(1, 'dave');
  keys.lacked(2, 'carol');
  await fakeRoom.clock.advance(0);
  expect(setting.asked()).toEqual(['carol']);
  keys.lacked(1, 'carol');
  await fakeRoom.clock.advance(0);
  expect(setting.asked()).toEqual(['carol', 'dave']);
  await fakeRoom.clock.advance(20_000);
  await fetching;
});

test('gets the key from its author when all others whom it asks lack it too', async () => {
  const { 'ask-key': answers } = fakeRoom.server.answers;
  setting.spoil();
  lacking('carol', 'dave', 'eli');
  const { 'ask-key': lacks } = fakeRoom.server.answers;
  fakeRoom.server.answers['ask-key'] = (fields, caller) =>
    (fields.user === 'alice' ? answers : lacks)?.(fields, caller) ?? {};
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect([setting.asked(), bob.codes()]).toEqual([['carol', 'dave', 'eli', 'alice'], []]);
});

const denied = () => fakeRoom.server.of('lack-key', 'bob').map(({ user }) => user);

test('tells members who ask for a key that it lacks it too, while it asks for it: those who ask then and those who asked before', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const early = keys.askers.asked({ epochNumber: 1, user: 'dave' });
  const other = keys.askers.asked({ epochNumber: 2, user: 'eli' });
  expect(denied()).toEqual([]);
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(0);
  expect(denied()).toEqual(['dave']);
  const late = keys.askers.asked({ epochNumber: 1, user: 'carol' });
  keys.askers.asked({ epochNumber: 1, user: 'carol' });
  await fakeRoom.clock.advance(0);
  // These two have their answer; the third one waits until everything was read.
  expect([denied(), early(), late(), other()]).toEqual([['dave', 'carol'], false, false, true]);
  await fakeRoom.clock.advance(20_000);
  await fetching;
  expect(keys.askers.asked({ epochNumber: 1, user: 'alice' })()).toBe(true);
  expect(denied()).toEqual(['dave', 'carol']);
});
