/** What the age of keys costs a client of many rooms, on a manual clock and a fake server. */
import { limits, parsePayload } from '@chat/protocol';
import { composeLeave } from '@chat/room';
import { beforeEach, describe, expect, test } from 'vitest';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { KeyPace } from '../../src/keys/key-pace.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const hour = limits.freshKeyAge;

let fakeRoom: FakeRoom;
let alice: FakeMember;
let duty: HubDuty;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  await fakeRoom.rekey(alice);
  // The prekey rings have timers, too.
  for (const { ring } of fakeRoom.members) ring.disconnected();
  duty = new HubDuty(alice.context, alice.room);
});

function read(): void {
  fakeRoom.read(alice);
  duty.review();
}

const epochs = () => fakeRoom.appended(alice).flatMap((entry) => parsePayload('epoch', entry.payload) ?? []);
/** Returns the reasons of the epochs that Alice has proposed since the first. */
const reasons = () => epochs().flatMap(({ reason }) => (reason === 'membership' ? [] : [reason]));

function use(): void {
  read();
  fakeRoom.say(alice, 'used');
  read();
}

test('does nothing for a room in which nothing is written, however many there are and however long it lasts', async () => {
  read();
  const idle = Array.from({ length: 1_000 }, () => new HubDuty(alice.context, alice.room));
  for (const duty of idle) duty.review();
  expect(fakeRoom.clock.waiting).toBe(0);
  const requests = fakeRoom.server.requests.length;
  await fakeRoom.clock.advance(100 * hour);
  for (const duty of idle) duty.review();
  expect([fakeRoom.clock.waiting, fakeRoom.server.requests.length]).toEqual([0, requests]);
});

test('makes one key for all that was written within an hour, and none for the hours after it', async () => {
  use();
  for (let minute = 0; minute < 59; minute++) {
    await fakeRoom.clock.advance(60_000);
    fakeRoom.say(alice, 'more');
    read();
  }
  expect(reasons()).toEqual([]);
  await fakeRoom.clock.advance(60_000);
  expect(reasons()).toEqual(['age']);
  fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
  read();
  await fakeRoom.clock.advance(100 * hour);
  expect(reasons()).toEqual(['age']);
});

test('replaces the keys of many rooms that are due at once one after another, and at once where a message waits', async () => {
  use();
  duty.reset();
  fakeRoom.clock.sleep(hour);
  const rooms = Array.from({ length: 40 }, () => ({ ...alice.room, outbox: { messages: [] as unknown[] } }));
  const many = rooms.map((room) => new HubDuty(alice.context, room));
  for (const duty of many) duty.review();
  await fakeRoom.clock.advance(0);
  expect(reasons()).toHaveLength(20);
  await fakeRoom.clock.advance(1_000);
  expect(reasons()).toHaveLength(25);
  rooms[39]?.outbox.messages.push('a message');
  for (const duty of many) duty.review();
  await fakeRoom.clock.advance(0);
  expect(reasons()).toHaveLength(26);
  await fakeRoom.clock.advance(2_800);
  expect(reasons()).toHaveLength(40);
});

describe('ten members who leave', () => {
  let leavers: FakeMember[];

  beforeEach(async () => {
    leavers = await fakeRoom.enter(...Array.from({ length: 10 }, (_, index) => `p${index}`));
    for (const { ring } of leavers) ring.disconnected();
    await fakeRoom.rekey(alice);
    for (const member of leavers) fakeRoom.read(member);
  });

  const leave = (member: FakeMember): void => {
    fakeRoom.log.push(composeLeave(member.author, { ...alice.state, me: member.fingerprint }));
  };

  /** Puts what Alice has appended on the log and lets her read it, for each of so many milliseconds. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed <= ms; passed += 10) {
      const { number = 0 } = alice.state.epoch ?? {};
      const next = fakeRoom.appended(alice).at(-1);
      if (next !== undefined && parsePayload('epoch', next.payload)?.number === number + 1) fakeRoom.log.push(next);
      read();
      if (passed < ms) await fakeRoom.clock.advance(10);
    }
  };

  test('within a second cause two keys: one for the first of them, and one for all others', async () => {
    await pass(5_000);
    const before = epochs().length;
    for (const member of leavers) {
      leave(member);
      await pass(90);
    }
    await pass(5_000);
    expect(epochs().length - before).toBe(2);
    expect(epochs().at(-1)?.answers).toBe(alice.state.membershipSeq);
    expect([alice.state.members.size, alice.state.epoch?.answers]).toEqual([2, alice.state.membershipSeq]);
  });

  test('while no member is connected cause one key at the next login', async () => {
    await pass(5_000);
    const before = epochs().length;
    duty.reset();
    alice.room.mayAct = false;
    for (const member of leavers) {
      leave(member);
      read();
      await fakeRoom.clock.advance(60_000);
    }
    expect(epochs().length).toBe(before);
    alice.room.mayAct = true;
    await pass(5_000);
    expect(epochs().length - before).toBe(1);
    expect(alice.state.epoch?.answers).toBe(alice.state.membershipSeq);
  });
});

const waits = (pace: KeyPace, count: number, now: number) => Array.from({ length: count }, () => pace.next(now));

test('twenty keys are made at once, and then five a second', () => {
  const pace = new KeyPace();
  expect(waits(pace, 23, 1_000).slice(18)).toEqual([0, 0, 200, 400, 600]);
  expect(pace.next(1_000 + 800)).toBe(0);
  // A pause saves up for twenty keys, and no more.
  expect(waits(pace, 21, 1_000_000).slice(19)).toEqual([0, 200]);
});

test('no key waits for longer than a minute, also when the clock was set back', () => {
  const pace = new KeyPace();
  pace.next(1_000_000);
  expect(pace.next(0)).toBeLessThanOrEqual(60_000);
  expect(waits(pace, 1_000, 0).at(-1)).toBeLessThanOrEqual(60_000);
});
