/** Giving entries back: the requests, and what becomes of entries that the server does not take back. */
import { encodeFrame } from '@chat/protocol';
import { expect, test } from 'vitest';
import { ClientError } from '../../src/index.ts';
import { LogRecovery } from '../../src/room/log-recovery.ts';
import { FakeRoom } from '../support/fake-room.ts';

const hashAt = (seq: number): string => seq.toString(16).padStart(64, '0');

/** A member who has kept a log of `count` entries. The first is real; the others are copies of it with payloads of this size. */
async function setUp({ count = 1, payloadBytes = 0 } = {}) {
  const fakeRoom = new FakeRoom();
  const [alice] = await fakeRoom.enter('alice');
  const [entry] = fakeRoom.log;
  if (alice === undefined || entry === undefined) throw new Error('no room');
  const { roomId, roomName, state } = alice.room;
  const head = count === 1 ? state.head : { seq: count, hash: hashAt(count) };
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    seq: index + 2,
    at: 0,
    entry: { ...entry, payload: new Uint8Array(payloadBytes) },
    logHash: hashAt(index + 2),
  }));
  const first = { seq: 1, at: 0, entry, logHash: count === 1 ? head.hash : hashAt(1) };
  alice.context.archive.keep(roomId, [first, ...others]);
  const log = { blocked: false, stopped: false, whenRead: () => {}, ignore: () => {}, listen: () => {} };
  const room = { roomId, roomName, state: { ...state, head }, log, conditions: { check: () => {} } };
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

test.each([
  { what: 'short entries, as many as a request may have', payloadBytes: 500, requests: [32, 8] },
  {
    what: 'long entries, as many as fit a frame',
    payloadBytes: 25_000,
    requests: [3, ...Array<number>(18).fill(2), 1],
  },
])('are given back in few requests: $what', async ({ payloadBytes, requests }) => {
  const { alice, recovery, server } = await setUp({ count: 40, payloadBytes });
  server.answers['restore-entries'] = ({ after, entries }) => {
    const head = after.seq + entries.length;
    return { head, hash: hashAt(head) };
  };
  expect(await recovery.recoverUnknown()).toBe('recovered');
  const sent = server.of('restore-entries');
  expect(sent.map(({ entries }) => entries.length)).toEqual(requests);
  for (const request of sent) expect(() => encodeFrame({ id: 1, op: 'restore-entries', ...request })).not.toThrow();
  expect(alice.codes()).toEqual([]);
});
