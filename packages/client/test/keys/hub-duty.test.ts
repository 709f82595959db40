/** When a member makes the next key: on a clock of the test's own, without a server. */
import { limits, type SignedEntry } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const day = limits.freshKeyAge;

let assembly: FakeRoom;
let ada: FakeMember;
let bob: FakeMember;
let duties: Map<FakeMember, HubDuty>;

/** Reads on, as a session would. */
function read(...members: readonly FakeMember[]): void {
  for (const member of members) {
    assembly.read(member);
    duties.get(member)?.review();
  }
}

beforeEach(async () => {
  assembly = new FakeRoom();
  [ada, bob] = (await assembly.enter('ada', 'bob')) as [FakeMember, FakeMember];
  await assembly.rekey(ada);
  duties = new Map([ada, bob].map((member) => [member, new HubDuty(member.context, member.room)]));
  // Their prekeys have timers of their own.
  for (const { ring } of [ada, bob]) ring.disconnected();
});

const reasonOf = (entry: SignedEntry): string => JSON.parse(entry.payload).reason;
/** What a member has proposed since the first key. */
const reasons = (member: FakeMember) =>
  assembly
    .appended(member)
    .map(reasonOf)
    .filter((reason) => reason !== 'membership');

async function useTheKey(...members: readonly FakeMember[]): Promise<void> {
  read(...members);
  assembly.say(ada, 'used');
  read(...members);
}

test('a key that was used for a day is changed at that time, though nothing else happens', async () => {
  await useTheKey(ada);
  await assembly.clock.advance(day - 1);
  expect(reasons(ada)).toEqual([]);
  await assembly.clock.advance(1);
  expect(reasons(ada)).toEqual(['age']);
  // Until the log shows it, it is not made again.
  read(ada);
  await assembly.clock.advance(day);
  expect(reasons(ada)).toHaveLength(1);
});

test('the first of those online acts, the next one only if they do not', async () => {
  await useTheKey(ada, bob);
  await assembly.clock.advance(day);
  expect([reasons(ada).length, reasons(bob).length]).toEqual([1, 0]);
  await assembly.clock.advance(3_000);
  expect(reasons(bob)).toEqual(['age']);
});

test('when the first has acted, the next one leaves it at that', async () => {
  await useTheKey(ada, bob);
  await assembly.clock.advance(day);
  assembly.log.push(...assembly.appended(ada).slice(-1));
  read(ada, bob);
  await assembly.clock.advance(20_000);
  expect(reasons(bob)).toEqual([]);
});

test('nothing waits once the connection is lost', async () => {
  await useTheKey(ada);
  expect(assembly.clock.waiting).toBe(1);
  duties.get(ada)?.reset();
  expect(assembly.clock.waiting).toBe(0);
});
