/** When a member makes the next epoch, on a manual clock and a fake server. */
import { limits, type SignedEntry } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const day = limits.freshKeyAge;

let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;
let duties: Map<FakeMember, HubDuty>;

/** Reads on as a room session does. */
function read(...members: readonly FakeMember[]): void {
  for (const member of members) {
    fakeRoom.read(member);
    duties.get(member)?.review();
  }
}

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice, bob] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  duties = new Map([alice, bob].map((member) => [member, new HubDuty(member.context, member.room)]));
  // The prekey rings have timers, too.
  for (const { ring } of [alice, bob]) ring.disconnected();
});

const reasonOf = (entry: SignedEntry): string => JSON.parse(entry.payload).reason;
/** Returns the epochs that a member has proposed since the first. */
const reasons = (member: FakeMember) =>
  fakeRoom
    .appended(member)
    .map(reasonOf)
    .filter((reason) => reason !== 'membership');

async function useTheKey(...members: readonly FakeMember[]): Promise<void> {
  read(...members);
  fakeRoom.say(alice, 'used');
  read(...members);
}

test('replaces a key that was used for a day at that time, although nothing else happens', async () => {
  await useTheKey(alice);
  await fakeRoom.clock.advance(day - 1);
  expect(reasons(alice)).toEqual([]);
  await fakeRoom.clock.advance(1);
  expect(reasons(alice)).toEqual(['age']);
  // The member does not make it again before the log shows it.
  read(alice);
  await fakeRoom.clock.advance(day);
  expect(reasons(alice)).toHaveLength(1);
});

test('lets the first online member act, and the next one only if the first does not', async () => {
  await useTheKey(alice, bob);
  await fakeRoom.clock.advance(day);
  expect([reasons(alice).length, reasons(bob).length]).toEqual([1, 0]);
  await fakeRoom.clock.advance(3_000);
  expect(reasons(bob)).toEqual(['age']);
});

test('does nothing at the next member once the first has acted', async () => {
  await useTheKey(alice, bob);
  await fakeRoom.clock.advance(day);
  fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
  read(alice, bob);
  await fakeRoom.clock.advance(20_000);
  expect(reasons(bob)).toEqual([]);
});

test('cancels its timers when the connection is lost', async () => {
  await useTheKey(alice);
  expect(fakeRoom.clock.waiting).toBe(1);
  duties.get(alice)?.reset();
  expect(fakeRoom.clock.waiting).toBe(0);
});
