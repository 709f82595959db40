/** What a socket gets in one turn of the event loop leaves in one write, in order. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeFrame, FrameDecoder } from '@chat/protocol';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/limits/limits.ts';
import { Broadcast } from '../../src/wire/broadcast.ts';
import { FrameSocket } from '../../src/wire/frame-socket.ts';

/** A socket that collects what is written, one item for each write. */
function collecting() {
  const writes: Buffer[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk);
      done();
    },
  });
  const ignore = (): void => {};
  const listener = { received: ignore, frame: ignore, failed: ignore, leaving: ignore, closed: ignore };
  const socket = new FrameSocket(stream, { limits: defaultLimits }, listener);
  const frames = (): unknown[] => {
    const decoder = new FrameDecoder();
    return writes.flatMap((chunk) => [...decoder.push(chunk)]);
  };
  return { socket, stream, writes, frames };
}

test('answers and the frames of all rooms leave in one write', async () => {
  const { socket, writes, frames } = collecting();
  const other = collecting();
  const rooms = [new Broadcast(), new Broadcast()];
  for (const room of rooms) {
    room.add(socket);
    room.add(other.socket);
  }
  for (const [index, room] of rooms.entries()) room.push(encodeFrame({ entry: index }));
  socket.send({ re: 1 });
  socket.send({ re: 2 });
  expect(writes).toEqual([]);
  await nextTurn();
  expect(writes).toHaveLength(1);
  expect(frames()).toEqual([{ re: 1 }, { re: 2 }, { entry: 0 }, { entry: 1 }]);
  expect(other.frames()).toEqual([{ entry: 0 }, { entry: 1 }]);

  // The next turn begins anew.
  rooms[1]?.push(encodeFrame({ entry: 2 }));
  await nextTurn();
  expect(writes).toHaveLength(2);
  socket.destroy();
  other.socket.destroy();
});

test('the writes to many readers take several turns, and each reader gets all frames in order', async () => {
  const readers = Array.from({ length: 600 }, collecting);
  const room = new Broadcast();
  for (const { socket } of readers) room.add(socket);
  const written = () => readers.filter(({ writes }) => writes.length > 0).length;
  room.push(encodeFrame({ entry: 1 }));
  await nextTurn();
  expect(written()).toBe(256);
  room.push(encodeFrame({ entry: 2 }));
  await nextTurn();
  expect(written()).toBe(512);
  for (let turn = 0; turn < 4; turn++) await nextTurn();
  for (const { frames, socket } of readers) {
    expect(frames()).toEqual([{ entry: 1 }, { entry: 2 }]);
    socket.destroy();
  }
  // Those whose turn had not come when the second frame came got both in one write.
  expect(readers.map(({ writes }) => writes.length)).toEqual([
    ...new Array<number>(256).fill(2),
    ...new Array<number>(344).fill(1),
  ]);
});

test('a broadcast reports once a turn how many pushes went to how many readers', async () => {
  const reported: number[][] = [];
  const room = new Broadcast((...each) => void reported.push(each));
  const readers = [collecting(), collecting()];
  const frame = encodeFrame({ entry: 1 });
  room.push(frame);
  for (const { socket } of readers) room.add(socket);
  for (let count = 0; count < 3; count++) room.push(frame);
  await nextTurn();
  expect(reported).toEqual([[3, 3 * frame.length, 2]]);
  for (const { socket } of readers) socket.destroy();
});

test('all that was queued precedes the end of the connection', async () => {
  const { socket, stream, frames } = collecting();
  socket.send({ re: 1 });
  socket.bye('stopping', 'The server is stopping.');
  await once(stream, 'finish');
  expect(frames()).toMatchObject([{ re: 1 }, { push: 'bye' }]);
  stream.destroy();
});

test('many bytes do not wait for the end of the turn, and a closed socket gets none', async () => {
  const { socket, writes, stream } = collecting();
  const frame = encodeFrame({ text: 'x'.repeat(30_000) });
  for (let count = 0; count < 3; count++) socket.write(frame);
  expect(writes).toHaveLength(1);
  socket.write(frame);
  socket.destroy();
  await once(stream, 'close');
  await nextTurn();
  expect(writes).toHaveLength(1);
});

test.each([1, 3])('%i frames of a turn are one buffer for all readers', async (count) => {
  const readers = [collecting(), collecting()];
  const room = new Broadcast();
  for (const { socket } of readers) room.add(socket);
  for (let frame = 0; frame < count; frame++) room.push(encodeFrame({ frame }));
  await nextTurn();
  const [first, second] = readers.map(({ writes }) => writes);
  expect(first).toHaveLength(1);
  // The same object: neither the server nor the stream copies the bytes or makes a view of them for a reader.
  expect(second?.[0]).toBe(first?.[0]);
  for (const { socket } of readers) socket.destroy();
});

test('a reader that has other frames in the turn gets all of them in order, and the others get theirs alone', async () => {
  const [busy, quiet] = [collecting(), collecting()];
  const room = new Broadcast();
  for (const { socket } of [busy, quiet]) room.add(socket);
  for (let answer = 0; answer < 3; answer++) busy.socket.send({ answer });
  room.push(encodeFrame({ entry: 1 }));
  await nextTurn();
  expect(busy.writes).toHaveLength(1);
  expect(busy.frames()).toEqual([{ answer: 0 }, { answer: 1 }, { answer: 2 }, { entry: 1 }]);
  expect(quiet.frames()).toEqual([{ entry: 1 }]);
  for (const { socket } of [busy, quiet]) socket.destroy();
});
