/** Two members of one room, whose heartbeats a server passes on, or does not. */
import { LogHashes, ProtocolError, parseHeartbeat, type SignedHeartbeat } from '@chat/protocol';
import { composeMessage } from '@chat/room';
import { beforeEach, describe, expect, test } from 'vitest';
import { Heartbeats } from '../../src/freshness/heartbeats.ts';
import type { ClientEvent } from '../../src/index.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const minute = 60_000;

/** The member's end of a connection. */
class End {
  readonly member: FakeMember;
  readonly room;
  readonly heartbeats: Heartbeats;

  /** By how much this machine's clock differs from the others. */
  skewMs = 0;

  constructor(member: FakeMember) {
    this.member = member;
    const { room } = member;
    this.room = {
      roomId: room.roomId,
      roomName: room.roomName,
      get state() {
        return room.state;
      },
      get presence() {
        return { online: room.online, connected: room.online.length };
      },
      isCaughtUp: true,
    };
    const { scheduler } = member.context;
    const own = { ...scheduler, now: () => scheduler.now() + this.skewMs };
    this.heartbeats = new Heartbeats({ ...member.context, scheduler: own }, this.room, undefined);
    this.heartbeats.followed();
  }

  get events(): readonly ClientEvent[] {
    return this.member.events;
  }

  /** What was reported, in short. */
  get reports(): string[] {
    return this.events.flatMap((event) => {
      if (event.kind === 'unheard' || event.kind === 'heard-again') return [`${event.kind} ${event.user}`];
      if (event.kind === 'behind') return [`behind ${event.user} ${event.readSeq}/${event.seq}`];
      if (event.kind === 'room' && event.event.kind === 'violation') return [event.event.code];
      return event.kind === 'trouble' ? [event.code] : [];
    });
  }
}

let fakeRoom: FakeRoom;
let alice: End;
let bob: End;
/** What the server does with a heartbeat. */
let relay: (heartbeat: SignedHeartbeat, by: string) => void;
let sent: { readonly by: string; readonly heartbeat: SignedHeartbeat }[];

const toOthers = (heartbeat: SignedHeartbeat, by: string) => {
  for (const end of [alice, bob]) if (end.member.user !== by) end.heartbeats.receive(heartbeat);
};

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  const [first, second] = await fakeRoom.enter('alice', 'bob');
  if (first === undefined || second === undefined) throw new Error('no members');
  await fakeRoom.rekey(first);
  for (const member of fakeRoom.members) fakeRoom.read(member);
  sent = [];
  relay = toOthers;
  fakeRoom.server.answers.heartbeat = ({ heartbeat }, { user }) => {
    sent.push({ by: user, heartbeat });
    relay(heartbeat, user);
    return {};
  };
  alice = new End(first);
  bob = new End(second);
});

const pass = (ms: number) => fakeRoom.clock.advance(ms);

/** Appends a message of this member, which only the given ends read. */
async function say(author: End, text: string, ...readers: readonly End[]): Promise<void> {
  fakeRoom.log.push(composeMessage(author.member.author, author.member.state, text));
  for (const reader of readers) {
    fakeRoom.read(reader.member);
    reader.heartbeats.read([]);
  }
}

describe('with an honest server', () => {
  test('each member signs its head once a minute, with a time that always grows, and nothing is reported', async () => {
    await pass(60 * minute);
    expect([alice.reports, bob.reports]).toEqual([[], []]);
    for (const end of [alice, bob]) {
      const own = sent
        .filter(({ by }) => by === end.member.user)
        .map(({ heartbeat }) => parseHeartbeat(heartbeat.payload));
      expect(own.length).toBeGreaterThanOrEqual(58);
      expect(own.length).toBeLessThanOrEqual(61);
      expect(own.at(-1)?.head).toEqual(end.member.state.head);
      const times = own.map((each) => each?.at ?? 0);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }
    expect(alice.heartbeats.heard.lastHeard(bob.member.fingerprint)).toBeGreaterThan(fakeRoom.clock.now() - 2 * minute);
  });

  test('nothing is reported when a machine sleeps, when a connection is lost, and when a member is away', async () => {
    await pass(10 * minute);
    for (let night = 0; night < 3; night++) {
      fakeRoom.clock.sleep(8 * 60 * minute);
      await pass(2 * minute);
    }
    for (let loss = 0; loss < 20; loss++) {
      alice.heartbeats.stop();
      bob.member.room.online = ['bob'];
      await pass((loss % 4) * minute);
      bob.member.room.online = ['bob', 'alice'];
      bob.heartbeats.connected('alice');
      alice.heartbeats.followed();
      await pass(50_000);
    }
    alice.member.room.online = ['alice'];
    bob.heartbeats.stop();
    await pass(60 * minute);
    alice.member.room.online = ['alice', 'bob'];
    alice.heartbeats.connected('bob');
    bob.heartbeats.followed();
    await pass(10 * minute);
    expect([alice.reports, bob.reports]).toEqual([[], []]);
  });
});

test('nothing is reported when one of the clocks is wrong, and when it is set', async () => {
  for (const skewMs of [3 * 60 * minute, 0, -60 * minute, 0, 5 * minute]) {
    alice.skewMs = skewMs;
    await pass(20 * minute);
  }
  expect([alice.reports, bob.reports]).toEqual([[], []]);
});

describe('a server that keeps two members apart', () => {
  test('is reported by both within minutes, once, and so is its end', async () => {
    await pass(5 * minute);
    relay = () => {};
    await pass(6 * minute);
    expect([alice.reports, bob.reports]).toEqual([['unheard bob'], ['unheard alice']]);
    await pass(60 * minute);
    relay = toOthers;
    await pass(2 * minute);
    expect(alice.reports).toEqual(['unheard bob', 'heard-again bob']);
  });

  test('gains nothing by sending earlier heartbeats again, or by keeping some back for later', async () => {
    await pass(10 * minute);
    const kept = sent.filter(({ by }) => by === 'bob');
    // From now on every second one is kept back.
    let count = 0;
    relay = (heartbeat, by) => {
      if (by === 'bob') count += 1;
      if (by === 'bob' && count % 2 === 0) kept.push({ by, heartbeat });
      else toOthers(heartbeat, by);
    };
    await pass(10 * minute);
    relay = () => {};
    for (const { heartbeat } of kept) {
      await pass(minute / 2);
      alice.heartbeats.receive(heartbeat);
    }
    expect(alice.reports).toEqual(['unheard bob']);
  });

  test('is reported when a member signs another log, once', async () => {
    const { state } = alice.member;
    const hash = 'd'.repeat(64);
    alice.member.take({ ...state, head: { ...state.head, hash }, recentHashes: LogHashes.of([hash]) });
    await pass(5 * minute);
    expect(bob.reports).toEqual(['fork']);
  });

  test('is reported when it does not send what another member has read, and the log differs when it does', async () => {
    await say(alice, 'withheld from bob', alice);
    await pass(4 * minute);
    const { seq } = alice.member.state.head;
    expect(bob.reports).toEqual([`behind alice ${seq - 1}/${seq}`]);
    fakeRoom.log.pop();
    await say(alice, 'another one', bob);
    expect(bob.reports).toEqual([`behind alice ${seq - 1}/${seq}`, 'fork']);
  });

  test('is not reported while this client still reads what the server sends', async () => {
    await say(alice, 'one', alice);
    await pass(0.75 * minute);
    await say(alice, 'two', alice, bob);
    await pass(10 * minute);
    expect(bob.reports).toEqual([]);
  });
});

test('a member who was removed judges no more, and sends no more', async () => {
  const { state } = bob.member;
  bob.member.take({ ...state, members: state.members.without(bob.member.fingerprint) });
  // The server sends nothing to a former member.
  relay = () => {};
  await pass(20 * minute);
  expect(bob.reports).toEqual([]);
  expect(sent.filter(({ by }) => by === 'bob')).toEqual([]);
});

test('a server that refuses heartbeats is reported, once for each connection, unless it is busy or denies the room', async () => {
  const refuse = (code: string) => {
    fakeRoom.server.answers.heartbeat = () => {
      throw new ProtocolError(code, 'The test refuses it.');
    };
  };
  const troubles = () => alice.reports.filter((report) => !report.startsWith('unheard'));
  for (const code of ['limit-reached', 'rate-limited', 'internal', 'stopping', 'not-a-member']) {
    refuse(code);
    await pass(2 * minute);
  }
  expect(troubles()).toEqual([]);
  refuse('unknown-operation');
  await pass(3 * minute);
  expect(troubles()).toEqual(['unknown-operation']);
});
