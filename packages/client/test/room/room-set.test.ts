/** Rooms of one client: which of them a refusal of the server ends. */
import { ProtocolError } from '@chat/protocol';
import { emptyRoom } from '@chat/room';
import { expect, test } from 'vitest';
import { RoomSet } from '../../src/room/room-set.ts';
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
  const rooms = new RoomSet(alice.context, [{ name: 'lobby', state, outbox: [], recent: [] }]);
  const refuse = async () => {
    reject(new ProtocolError('not-a-member', 'Join it first.'));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { rooms, refuse };
}

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
