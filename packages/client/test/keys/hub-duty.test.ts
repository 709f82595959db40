/** When a member makes the next epoch, on a manual clock and a fake server. */
import { limits, ProtocolError, parsePayload, type SignedEntry } from '@chat/protocol';
import { composeEpoch, composeJoin, composeLeave, emptyRoom } from '@chat/room';
import { beforeEach, describe, expect, test } from 'vitest';
import { HubDuty } from '../../src/keys/hub-duty.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const hour = limits.freshKeyAge;

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

const reasonOf = (entry: SignedEntry) => parsePayload('epoch', entry.payload)?.reason;
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

test('replaces a key that was used for an hour at that time, although nothing else happens', async () => {
  await useTheKey(alice);
  await fakeRoom.clock.advance(hour - 1);
  expect(reasons(alice)).toEqual([]);
  await fakeRoom.clock.advance(1);
  expect(reasons(alice)).toEqual(['age']);
  // The member waits for the log to show it.
  read(alice);
  await fakeRoom.clock.advance(29_999);
  expect(reasons(alice)).toHaveLength(1);
});

test('lets the first online member act, and the next one only if the first does not', async () => {
  await useTheKey(alice, bob);
  await fakeRoom.clock.advance(hour);
  expect([reasons(alice).length, reasons(bob).length]).toEqual([1, 0]);
  await fakeRoom.clock.advance(3_000);
  expect(reasons(bob)).toEqual(['age']);
});

test('acts after a minute at the latest, however many members the server places before this one', async () => {
  await useTheKey(alice, bob);
  const { members } = bob.state;
  const own = members.get(bob.fingerprint);
  if (own === undefined) throw new Error('bob is no member');
  const absent = Array.from({ length: 40 }, (_, index) => ({
    ...own,
    user: `absent-${index}`,
    fingerprint: index.toString(16).padStart(64, '0'),
  }));
  const all = absent.reduce((added, member) => added.put(member.fingerprint, member), members);
  bob.take({ ...bob.state, members: all });
  bob.room.online = [...absent.map(({ user }) => user), 'bob'];
  await fakeRoom.clock.advance(hour + 59_999);
  expect(reasons(bob)).toEqual([]);
  await fakeRoom.clock.advance(1_000);
  expect(reasons(bob)).toEqual(['age']);
});

test('does nothing at the next member once the first has acted', async () => {
  await useTheKey(alice, bob);
  await fakeRoom.clock.advance(hour);
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

const troubles = ({ events }: FakeMember) => events.flatMap((event) => (event.kind === 'trouble' ? [event.code] : []));

test('acts again and tells the user once when the server never shows the key that it has taken', async () => {
  await useTheKey(alice);
  await fakeRoom.clock.advance(hour);
  await fakeRoom.clock.advance(119_999);
  expect([reasons(alice).length > 1, troubles(alice)]).toEqual([true, []]);
  // Thirty times as long as the client takes until it reports.
  await fakeRoom.clock.advance(3_600_000);
  expect(troubles(alice)).toEqual(['key-not-changed']);
});

test('acts again when the server claims for ever that another member was faster', async () => {
  await useTheKey(alice);
  let honest = false;
  fakeRoom.server.answers.append = () => {
    if (honest) return { seq: fakeRoom.log.length + 1, at: 0 };
    throw new ProtocolError('epoch-conflict', 'Another one came first.');
  };
  await fakeRoom.clock.advance(hour + 120_000);
  expect(troubles(alice)).toEqual(['key-not-changed']);
  honest = true;
  await fakeRoom.clock.advance(30_000);
  fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
  read(alice);
  expect(alice.state.epoch?.number).toBe(2);
});

test('reports a failure of the server once, and waits longer after each', async () => {
  await useTheKey(alice);
  fakeRoom.server.answers.append = () => {
    throw new ProtocolError('internal', 'The server failed.');
  };
  await fakeRoom.clock.advance(hour + 3_600_000);
  expect(troubles(alice)).toEqual(['internal', 'key-not-changed']);
  expect(reasons(alice).length).toBeLessThan(80);
});

test('answers departures that follow a key closely with one key, and the first one at once', async () => {
  const [carol, mallory, zoe] = (await fakeRoom.enter('carol', 'mallory', 'zoe')) as [
    FakeMember,
    FakeMember,
    FakeMember,
  ];
  for (const { ring } of [carol, mallory, zoe]) ring.disconnected();
  await fakeRoom.rekey(alice);
  await fakeRoom.clock.advance(60_000);
  const made = () => fakeRoom.appended(alice).length;
  const before = made();
  const leave = async (member: FakeMember) => {
    fakeRoom.read(member);
    fakeRoom.log.push(composeLeave(member.author, member.state));
    read(alice);
    await fakeRoom.clock.advance(0);
  };
  read(alice);
  await leave(carol);
  expect(made()).toBe(before + 1);
  fakeRoom.log.push(...fakeRoom.appended(alice).slice(-1));
  read(alice);
  await leave(mallory);
  await fakeRoom.clock.advance(50);
  await leave(zoe);
  expect(made()).toBe(before + 1);
  await fakeRoom.clock.advance(5_000);
  expect(made()).toBe(before + 2);
});

test('does not lose its turn because the members change again and again', async () => {
  const [carol] = (await fakeRoom.enter('carol')) as [FakeMember];
  carol.ring.disconnected();
  read(bob);
  for (let times = 0; times < 4; times++) {
    fakeRoom.read(carol);
    fakeRoom.log.push(composeLeave(carol.author, carol.state));
    read(bob);
    await fakeRoom.clock.advance(1_000);
    carol.take(emptyRoom(carol.room.roomId, carol.fingerprint, { since: fakeRoom.log.length }));
    fakeRoom.log.push(composeJoin(carol.author, carol.room.roomId, fakeRoom.log.length));
    read(bob);
  }
  expect(fakeRoom.appended(bob)).toHaveLength(1);
});

test('acts on the room as it is at once when the room changed during an attempt that failed', async () => {
  const [carol, mallory] = (await fakeRoom.enter('carol', 'mallory')) as [FakeMember, FakeMember];
  for (const { ring } of [carol, mallory]) ring.disconnected();
  await fakeRoom.rekey(alice);
  for (const member of [carol, mallory]) fakeRoom.read(member);
  read(alice);
  await fakeRoom.clock.advance(60_000);
  const attempts = () => fakeRoom.server.of('put-wraps', 'alice').length;
  const before = attempts();
  const { 'put-wraps': put } = fakeRoom.server.answers;
  fakeRoom.server.answers['put-wraps'] = async (fields, caller) => {
    fakeRoom.server.answers['put-wraps'] = put as NonNullable<typeof put>;
    // The server knows of the second departure already, and the client reads of it before the refusal arrives.
    fakeRoom.log.push(composeLeave(mallory.author, mallory.state));
    read(alice);
    await Promise.resolve(caller);
    throw new ProtocolError('wraps-mismatch', `One of ${fields.wraps.length} is for a user who has left.`);
  };
  fakeRoom.log.push(composeLeave(carol.author, carol.state));
  read(alice);
  await fakeRoom.clock.advance(0);
  await fakeRoom.clock.advance(0);
  expect(attempts()).toBe(before + 2);
  expect(parsePayload('epoch', fakeRoom.appended(alice).at(-1)?.payload ?? new Uint8Array())?.answers).toBe(
    fakeRoom.log.length,
  );
});

describe('a member who lacks the key that the first member of all has made', () => {
  /** Alice makes a fresh key, and gives it to no other member. */
  const lack = async (lostEpoch: number) => {
    // Reading stops at each key that alice lacks.
    for (let count = 0; count < 3; count++) fakeRoom.read(alice);
    fakeRoom.log.push(composeEpoch(alice.author, { ...alice.state, secrets: {} }, new Map()).entry);
    bob.room.log.keys.lostEpoch = lostEpoch;
    read(bob);
    await fakeRoom.clock.advance(0);
  };
  const made = () => fakeRoom.appended(bob).map(reasonOf);

  test('makes the next one at once if the members whom it asked lack it too', async () => {
    await lack(2);
    expect(made()).toEqual(['lost-key']);
  });

  test('waits for a late answer if it does not know that', async () => {
    await lack(1);
    await fakeRoom.clock.advance(9_999);
    expect(made()).toEqual([]);
    await fakeRoom.clock.advance(1);
    expect(made()).toEqual(['lost-key']);
  });

  test('acts at once for each of a series of lost keys while their author is faster, because its attempts make no key', async () => {
    for (const lostEpoch of [2, 3, 4]) await lack(lostEpoch);
    expect(made()).toEqual(['lost-key', 'lost-key', 'lost-key']);
    // This one comes on the log, so the next one waits.
    fakeRoom.log.push(...fakeRoom.appended(bob).slice(-1));
    read(bob);
    await lack(6);
    expect(made()).toHaveLength(3);
  });

  test('acts at once no more than once a minute, so that a server which hides all wraps causes no endless series', async () => {
    await lack(2);
    fakeRoom.log.push(...fakeRoom.appended(bob).slice(-1));
    read(bob);
    await lack(4);
    expect(made()).toEqual(['lost-key']);
    await fakeRoom.clock.advance(9_999);
    expect(made()).toEqual(['lost-key']);
    // Alice and bob have each replaced a key of the other, so both act last, and alice before bob.
    for (let count = 0; count < 30; count++) await fakeRoom.clock.advance(1_000);
    expect(made()).toEqual(['lost-key', 'lost-key']);
  });
});
