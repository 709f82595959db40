/** A member who has kept the log of a room, to give it back to a server that has lost it. */
import { LogRecovery } from '../../src/room/log-recovery.ts';
import { FakeRoom } from './fake-room.ts';

/** The log hash of a position of this log. */
export const hashAt = (seq: number): string => seq.toString(16).padStart(64, '0');

/** A member who has kept a log of `count` entries. The first is real; the others are copies of it with payloads of this size. */
export async function keptLog({ count = 1, payloadBytes = 0 } = {}) {
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
  const done: string[] = [];
  const note = (step: string) => () => void done.push(step);
  const log = {
    blocked: false,
    stopped: false,
    whenRead: (step: () => void) => step(),
    ignore: note('ignore'),
    listen: note('listen'),
    isConnected: true,
    connection: () => () => log.isConnected,
  };
  const conditions = { check: note('check') };
  const recovery = new LogRecovery(alice.context, {
    ...{ roomId, roomName, state: { ...state, head }, log, conditions, disconnected: note('disconnected') },
    subscribe: async () => note('subscribe')(),
  });
  const { clock, server } = fakeRoom;
  const requests = () => server.of('restore-entries').map(({ after, entries }) => [after.seq, entries.length]);
  return { alice, clock, done, head, log, recovery, requests, roomId, server };
}

/** A server that has the log up to a position, and appends what it is given. */
export const appending = ({ server }: Awaited<ReturnType<typeof keptLog>>, from: number) => {
  let head = from;
  server.answers['restore-entries'] = ({ after, entries }) => {
    head = Math.max(head, after.seq + entries.length);
    return { head, hash: hashAt(head) };
  };
};
