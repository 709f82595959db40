/** Rooms of one client: which of them a refusal of the server ends. */
import { ProtocolError } from '@chat/protocol';
import { emptyRoom } from '@chat/room';
import { describe, expect, test } from 'vitest';
import { RoomSet } from '../../src/room/room-set.ts';
import { FakeRoom } from '../support/fake-room.ts';
import { FakeServer } from '../support/fake-server.ts';
import { IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const roomId = '1'.repeat(64);

/** A client that has stored a room before it asked to join, and whose server then refuses its first subscription. */
function refusedClient() {
  const server = new FakeServer();
  let reject: (error: Error) => void = () => undefined;
  server.answers.subscribe = () => new Promise((_, rejected) => (reject = rejected));
  const alice = new IsolatedClient('alice', new ManualClock(), server);
  const state = emptyRoom(roomId, alice.identity.fingerprint, { asked: 'lobby' });
  const rooms = new RoomSet(alice.context, [{ name: 'lobby', state, outbox: [] }]);
  const refuse = async () => {
    reject(new ProtocolError('not-a-member', 'Join it first.'));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { rooms, refuse };
}

test('what was taken of a room before counts no more when the user enters it anew', () => {
  const alice = new IsolatedClient('alice', new ManualClock(), new FakeServer());
  const { incoming } = alice.context;
  const entered: string[] = [];
  incoming.entered = (room) => void entered.push(room);
  const rooms = new RoomSet(alice.context, []);
  const state = emptyRoom(roomId, alice.identity.fingerprint, { asked: 'lobby' });
  const session = rooms.adopt({ name: 'lobby', state, outbox: [] });
  expect(entered).toEqual([roomId]);
  rooms.replace(session, { name: 'lobby', state: { ...state, head: { ...state.head, seq: 3 } }, outbox: [] });
  expect(entered).toEqual([roomId]);
});

test('forgets a room whose join never reached the server', async () => {
  const { rooms, refuse } = refusedClient();
  rooms.connected();
  await refuse();
  expect(rooms.find('lobby')).toBeNull();
});

test('keeps a room whose join is under way when a refusal from before the join arrives', async () => {
  const { rooms, refuse } = refusedClient();
  const session = rooms.find('lobby');
  if (session === null) throw new Error('the room is stored');
  let joined: () => void = () => undefined;
  rooms.connected();
  const entering = rooms.entering(session, () => new Promise<void>((resolve) => (joined = resolve)));
  await refuse();
  expect(rooms.find('lobby')).toBe(session);
  joined();
  await entering;
});

describe('a membership that the server does not know', () => {
  /** A member whose server refuses so many requests for the log. The member has kept no entries to give back. */
  async function lostMember(refusals: number) {
    const room = new FakeRoom();
    const [alice] = await room.enter('alice');
    if (alice === undefined) throw new Error('alice has not entered');
    const { state } = alice.room;
    let asked = 0;
    room.server.answers.subscribe = () => {
      asked += 1;
      if (asked <= refusals) throw new ProtocolError('not-a-member', 'Join it first.');
      return { head: state.head.seq, hash: state.head.hash, online: ['alice'], connected: 1 };
    };
    const rooms = new RoomSet(alice.context, [{ name: 'lobby', state, outbox: [] }]);
    return { alice, clock: room.clock, rooms };
  }

  test('is not reported when another member gives the join back soon', async () => {
    const { alice, clock, rooms } = await lostMember(2);
    rooms.connected();
    await clock.advance(60_000);
    expect(alice.codes()).toEqual([]);
    expect(rooms.find('lobby')?.ownMembership.isDenied).toBe(false);
  });

  test('is reported once when it stays unknown', async () => {
    const { alice, clock, rooms } = await lostMember(Number.POSITIVE_INFINITY);
    rooms.connected();
    await clock.advance(4_000);
    expect(alice.codes()).toEqual([]);
    await clock.advance(60 * 60_000);
    expect(alice.codes()).toEqual(['not-a-member']);
  });

  test('is reported also by a server that ends each connection before that', async () => {
    const { alice, clock, rooms } = await lostMember(Number.POSITIVE_INFINITY);
    for (let connection = 0; connection < 5; connection += 1) {
      rooms.connected();
      await clock.advance(1_500);
      rooms.disconnected();
    }
    expect(alice.codes()).toEqual(['not-a-member']);
  });
});
