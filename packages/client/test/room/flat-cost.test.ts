/** What a client does after each entry and each change of presence costs the same in a room of ten members and of thousands. */
import { UserMap } from '@chat/room';
import { afterEach, expect, test, vi } from 'vitest';
import { Hearing } from '../../src/freshness/hearing.ts';
import { HubDuty, HubWatch } from '../../src/keys/hub-duty.ts';
import { Presence } from '../../src/room/presence.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

afterEach(() => vi.restoreAllMocks());

/** Returns a member of a room with a key and so many further members, all of them online. */
async function memberOf(size: number) {
  const fakeRoom = new FakeRoom();
  const [alice, bob] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  for (const { ring } of [alice, bob]) ring.disconnected();
  fakeRoom.read(bob);
  const own = bob.state.members.get(bob.fingerprint);
  if (own === undefined) throw new Error('bob is a member');
  let { members } = bob.state;
  for (let index = 0; index < size; index += 1) {
    const fingerprint = index.toString(16).padStart(4, '0').padEnd(64, '0');
    members = members.put(fingerprint, { ...own, user: `user-${index}`, fingerprint });
  }
  bob.take({ ...bob.state, members });
  bob.room.online = [...members.values()].map(({ user }) => user);
  return { fakeRoom, alice, bob };
}

/** Counts how often members are looked up by name, and how often all of them are read. */
function counted() {
  const one = vi.spyOn(UserMap.prototype, 'named');
  const all = (['values', 'sorted', 'toJSON'] as const).map((name) => vi.spyOn(UserMap.prototype, name));
  return { lookUps: () => one.mock.calls.length, readings: () => all.flatMap((spy) => spy.mock.calls).length };
}

test.each([10, 5_000])('reading on in a room of %i members asks about few of them', async (size) => {
  const { fakeRoom, alice, bob } = await memberOf(size);
  const duty = new HubDuty(bob.context, bob.room);
  const watch = new HubWatch(() => expect.unreachable('the hub stays'));
  const readOn = () => {
    fakeRoom.say(alice, 'hello');
    fakeRoom.read(alice);
    fakeRoom.read(bob);
    duty.review();
    watch.review(bob.state, bob.room.online);
  };
  fakeRoom.read(alice);
  readOn();
  const { lookUps, readings } = counted();
  for (let message = 0; message < 20; message += 1) readOn();
  expect([readings(), lookUps()]).toEqual([0, 20]);
});

test.each([10, 5_000])('a member who connects again is looked up by name among %i', async (size) => {
  const { bob } = await memberOf(size);
  const hearing = new Hearing();
  const presence = new Presence('bob', (user) => hearing.excuse(bob.state, user));
  presence.asked();
  presence.answered({ online: bob.room.online, connected: size });
  hearing.excuse(bob.state, 'alice');
  const { readings } = counted();
  for (let change = 0; change < 20; change += 1)
    presence.change({ changes: [{ user: 'alice', online: change % 2 === 1 }], connected: size });
  expect(readings()).toBe(0);
});

test('gives the same list of connected members until it changes', () => {
  const presence = new Presence('alice', () => undefined);
  presence.asked();
  presence.answered({ online: ['bob', 'carol', 'bob'], connected: 2 });
  const { online } = presence;
  expect(online).toEqual(['bob', 'carol', 'alice']);
  expect(presence.online).toBe(online);
  presence.change({ changes: [{ user: 'bob', online: true }], connected: 2 });
  expect(presence.online).toEqual(['carol', 'bob', 'alice']);
  expect(online).toEqual(['bob', 'carol', 'alice']);
});
