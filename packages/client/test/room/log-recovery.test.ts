/** What becomes of entries that the server does not take back. */
import { expect, test } from 'vitest';
import { ClientError } from '../../src/index.ts';
import { LogRecovery } from '../../src/room/log-recovery.ts';
import { FakeRoom } from '../support/fake-room.ts';

async function setUp() {
  const fakeRoom = new FakeRoom();
  const [alice] = await fakeRoom.enter('alice');
  const [entry] = fakeRoom.log;
  if (alice === undefined || entry === undefined) throw new Error('no room');
  const { roomId, roomName, state } = alice.room;
  alice.context.archive.keep(roomId, [{ seq: 1, at: 0, entry, logHash: state.head.hash }]);
  const log = { blocked: false, stopped: false, whenRead: () => {}, ignore: () => {}, listen: () => {} };
  const room = { roomId, roomName, state, log, conditions: { check: () => {} } };
  const recovery = new LogRecovery(alice.context, { ...room, subscribe: async () => {}, disconnected: () => {} });
  return { alice, recovery, server: fakeRoom.server };
}

test.each([
  ['timed-out', ['timed-out']],
  ['not-a-chat-server', ['not-a-chat-server']],
  ['unreachable', []],
] as const)('are lacking after a request that has failed: %s', async (code, reported) => {
  const { alice, recovery, server } = await setUp();
  server.answers['restore-entries'] = () => Promise.reject(new ClientError(code, 'The server did not answer.'));
  expect(await recovery.recoverUnknown()).toBe('lacking');
  expect([recovery.underWay, alice.codes()]).toEqual([false, reported]);
  expect(server.of('restore-entries')).toHaveLength(1);
});

test('are recovered once the server has them', async () => {
  const { alice, recovery, server } = await setUp();
  server.answers['restore-entries'] = () => ({ head: 1, hash: alice.state.head.hash });
  expect(await recovery.recoverUnknown()).toBe('recovered');
  expect(server.of('restore-entries')).toMatchObject([{ after: { seq: 0 }, done: true }]);
});
