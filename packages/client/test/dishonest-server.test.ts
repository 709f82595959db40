/** A server, or a network, that does not do what it should: nothing is lost, and nothing is said that is not so. */

import { entryHash, type SignedEntry } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isReady, isRoomEvent } from './support/events.ts';
import { Signal } from './support/signal.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

const isAppend = (frame: Frame, type: string) =>
  frame['op'] === 'append' && (frame['entry'] as SignedEntry | undefined)?.type === type;
const answer = (frame: Frame, error: string) => ({ re: frame['id'], error: { code: error, message: error } });

/** Drops requests that `wanted` picks, and answers in the server's place. */
function answering(wanted: (frame: Frame) => boolean, reply: (frame: Frame) => Frame) {
  const meddling = {
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!wanted(frame)) return frame;
      queueMicrotask(() => meddling.inject(reply(frame)));
      return null;
    },
  };
  return meddling;
}

/** Ends the connection in place of the next answer to an append, once `armed`. */
function losing(code: string, armed: boolean) {
  const meddling = {
    armed,
    in(frame: Frame): readonly Frame[] {
      const answered =
        typeof frame['re'] === 'number' && typeof (frame['ok'] as Frame | undefined)?.['seq'] === 'number';
      if (!meddling.armed || !answered) return [frame];
      meddling.armed = false;
      return [{ push: 'bye', error: { code, message: code } }];
    },
  };
  return meddling;
}

test('a message that the server only claims to have is not taken for sent', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let swallow = false;
  const meddling = answering(
    (frame) => swallow && isAppend(frame, 'message'),
    (frame) => ({ re: frame['id'], ok: { seq: 1, at: 0 } }),
  );
  const bob = await joined(network, 'bob', 'lobby', meddling);
  swallow = true;
  expect(await rejectedCode(bob.client.send('lobby', 'swallowed'))).toBe('not-delivered');
  swallow = false;
  await bob.client.send('lobby', 'through');
  expect(bob.texts('lobby')).toEqual(['through']);
});

test('a message whose answer was lost with the connection is delivered once', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const loss = losing('limit-reached', false);
  const bob = await joined(network, 'bob', 'lobby', loss);
  loss.armed = true;
  await bob.client.send('lobby', 'once only');
  await bob.client.send('lobby', 'and then');
  await alice.read('and then');
  expect(alice.texts('lobby')).toEqual(['once only', 'and then']);
  expect(bob.texts('lobby')).toEqual(['once only', 'and then']);
});

test('a join whose answer was lost is found to have arrived, by the same or the next attempt', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob', losing('stopping', true));
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('unreachable');
  await bob.event(isReady);
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'here after all');
});

test('a join that arrived unanswered outlives a refused attempt after it', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  let attempt = 0;
  const meddling = {
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!isAppend(frame, 'join')) return frame;
      attempt += 1;
      if (attempt !== 2) return frame;
      queueMicrotask(() => meddling.inject(answer(frame, 'rate-limited')));
      return null;
    },
    // The first attempt reaches the server, but its answer never reaches the client.
    in(frame: Frame) {
      const isAnswer = typeof (frame['ok'] as Frame | undefined)?.['seq'] === 'number';
      if (attempt !== 1 || !isAnswer) return [frame];
      queueMicrotask(() => bob.expireTimeouts());
      return [];
    },
  };
  const bob: TestClient = await connectClient(network, 'bob', meddling, { speed: 20 });
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('timed-out');
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('rate-limited');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'with the first prekey');
  await alice.read('with the first prekey');
  // With that prekey lost, he would have had to leave and join anew.
  expect(alice.events.filter(isRoomEvent('left'))).toEqual([]);
});

test('two joins of one room at once are one', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob');
  const [first, second] = await Promise.all([bob.client.joinRoom('lobby'), bob.client.joinRoom('lobby')]);
  expect(second.roomId).toBe(first.roomId);
  await bob.client.send('lobby', 'one of me');
});

test('a member who has lost everything leaves and joins anew by joining', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const bob = await network.enrol('bob');
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);
  await bob.client.close();
  await network.eraseRooms('bob');
  const again = await network.open('bob');
  expect(again.client.rooms()).toEqual([]);
  await again.client.joinRoom('lobby');
  await again.event(isReady);
  await again.client.send('lobby', 'a new start');
  await alice.read('a new start');
});

test('a key that could not be fetched at first is fetched again', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let refusals = 2;
  const meddling = answering(
    (frame) => frame['op'] === 'get-wrap' && refusals-- > 0,
    (frame) => answer(frame, 'rate-limited'),
  );
  const bob = await connectClient(network, 'bob', meddling);
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'with the key');
  expect(bob.client.room('lobby')?.epoch).toBe(2);
  expect(refusals).toBeLessThan(0);
});

test('a hub that hands out a bad key: the others make a good one by themselves', async () => {
  await using network = await TestNetwork.start();
  const mallory = await connectClient(network, 'mallory');
  await mallory.client.createRoom('lobby');
  let bad = true;
  const bob = await connectClient(
    network,
    'bob',
    {
      // What a bad wrap looks like to the one who gets it.
      in: (frame) =>
        typeof (frame['ok'] as Frame | undefined)?.['envelope'] === 'string' && bad
          ? [{ ...frame, ok: { envelope: 'AAAA' } }]
          : [frame],
    },
    { speed: 10 },
  );
  await bob.client.joinRoom('lobby');
  await bob.event((e) => e.kind === 'room' && e.event.kind === 'violation' && e.event.code === 'wrong-key');
  bad = false;
  await bob.client.send('lobby', 'under a key of our own');
  await mallory.read('under a key of our own');
});

test('another room than the one that was asked for is not entered under its name', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const board = await alice.client.createRoom('board');
  const lobby = alice.client.room('lobby');
  const bob = await connectClient(network, 'bob', {
    in(frame) {
      const ok = frame['ok'] as Frame | undefined;
      return ok?.['room'] === board.roomId ? [{ ...frame, ok: { ...ok, room: lobby?.roomId } }] : [frame];
    },
  });
  expect(await rejectedCode(bob.client.joinRoom('board'))).toBe('wrong-room');
  expect(bob.client.rooms()).toEqual([]);
});

test('a server that denies a room erases nothing', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let deny = false;
  const meddling = answering(
    (frame) => deny && frame['op'] === 'subscribe',
    (frame) => answer(frame, 'unknown-room'),
  );
  const bob = await joined(network, 'bob', 'lobby', meddling);
  await bob.client.send('lobby', 'kept');
  deny = true;
  bob.inject({ push: 'bye', error: { code: 'stopping', message: 'stopping' } });
  await bob.event((event) => event.kind === 'trouble' && event.code === 'unknown-room');
  expect(bob.client.room('lobby')?.recent.map(({ text }) => text)).toEqual(['kept']);
  expect(Object.keys(bob.stored()?.rooms ?? {})).toHaveLength(1);
});

test('a goodbye in the same breath as the login’s answer is noticed', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let goodbyes = 1;
  const connecting = connectClient(network, 'bob', {
    in(frame) {
      const loggedIn = (frame['ok'] as Frame | undefined)?.['certificateExpiresAt'] !== undefined;
      if (!loggedIn || goodbyes-- <= 0) return [frame];
      return [frame, { push: 'bye', error: { code: 'stopping', message: 'stopping' } }];
    },
  });
  expect(await rejectedCode(connecting)).toBe('stopping');
});

test('presence in the same breath as the answer that it adds to is not lost', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const room = alice.client.room('lobby')?.roomId;
  const bob = await connectClient(network, 'bob', {
    in: (frame) =>
      Array.isArray((frame['ok'] as Frame | undefined)?.['online'])
        ? [frame, { push: 'presence', room, user: 'alice', online: false }]
        : [frame],
  });
  await bob.client.joinRoom('lobby');
  expect(bob.client.room('lobby')?.members.find(({ user }) => user === 'alice')?.online).toBe(false);
});

test('a listener that throws stops neither the room nor the others', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  if (bob === undefined) throw new Error('no bob');
  const thrown: unknown[] = [];
  const catchThem = (error: unknown) => void thrown.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', catchThem);
  try {
    bob.client.subscribe(() => {
      throw new Error('a fault of the listener');
    });
    await alice.client.send('lobby', 'one');
    await alice.client.send('lobby', 'two');
    await bob.read('two');
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', catchThem);
    for (const listener of before) process.on('uncaughtException', listener);
  }
  expect(bob.texts('lobby')).toEqual(['one', 'two']);
  expect(thrown.length).toBeGreaterThan(0);
});

test('the hash that a waiting message keeps is that of the entry that was sent', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  const entries: SignedEntry[] = [];
  const sent = new Signal();
  const bob = await joined(network, 'bob', 'lobby', {
    out(frame) {
      if (!isAppend(frame, 'message')) return frame;
      entries.push(frame['entry'] as SignedEntry);
      sent.raise();
      return null;
    },
  });
  const sending = rejectedCode(bob.client.send('lobby', 'under way'));
  await sent.raised;
  expect(entries).toHaveLength(1);
  const [room] = Object.values(bob.stored()?.rooms ?? {});
  expect(room?.outbox[0]?.hashes).toEqual(entries.map(entryHash));
  await bob.client.close();
  expect(await sending).toBe('closed');
});
