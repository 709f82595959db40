/** A server or a network that misbehaves: the client loses nothing and reports nothing that is false. */

import { entryHash, type SignedEntry } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { cheatingCrypto } from './support/cheating-crypto.ts';
import { isReady, isRoomEvent } from './support/events.ts';
import { textsIn } from './support/kept-texts.ts';
import { Signal } from './support/signal.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

const isAppend = (frame: Frame, type: string) =>
  frame['op'] === 'append' && (frame['entry'] as SignedEntry | undefined)?.type === type;
const answer = (frame: Frame, error: string) => ({ re: frame['id'], error: { code: error, message: error } });

/** Drops the requests that `wanted` selects, and answers instead of the server. */
function answering(wanted: (frame: Frame) => boolean, reply: (frame: Frame) => Frame) {
  const tampering = {
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!wanted(frame)) return frame;
      queueMicrotask(() => tampering.inject(reply(frame)));
      return null;
    },
  };
  return tampering;
}

/** Ends the connection instead of the next answer to an append, once `armed`. */
function losing(code: string, armed: boolean) {
  const tampering = {
    armed,
    in(frame: Frame): readonly Frame[] {
      const answered =
        typeof frame['re'] === 'number' && typeof (frame['ok'] as Frame | undefined)?.['seq'] === 'number';
      if (!tampering.armed || !answered) return [frame];
      tampering.armed = false;
      return [{ push: 'bye', error: { code, message: code } }];
    },
  };
  return tampering;
}

test('does not take a message as sent that the server only claims to have', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let swallow = false;
  const tampering = answering(
    (frame) => swallow && isAppend(frame, 'message'),
    (frame) => ({ re: frame['id'], ok: { seq: 1, at: 0 } }),
  );
  const bob = await joined(network, 'bob', 'lobby', tampering);
  swallow = true;
  expect(await rejectedCode(bob.client.send('lobby', 'swallowed'))).toBe('not-delivered');
  swallow = false;
  await bob.client.send('lobby', 'through');
  expect(bob.texts('lobby')).toEqual(['through']);
});

test('delivers a message once whose answer was lost with the connection', async () => {
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

test('finds out that a join reached the server although its answer was lost', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob', losing('stopping', true));
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('unreachable');
  await bob.event(isReady);
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'here after all');
});

test('keeps a room whose join reached the server unanswered when a later attempt is refused', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  let attempt = 0;
  const tampering = {
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!isAppend(frame, 'join')) return frame;
      attempt += 1;
      if (attempt !== 2) return frame;
      queueMicrotask(() => tampering.inject(answer(frame, 'rate-limited')));
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
  const bob: TestClient = await connectClient(network, 'bob', tampering, { speed: 20 });
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('timed-out');
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('rate-limited');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'with the first prekey');
  await alice.read('with the first prekey');
  // Without that prekey, bob would have had to leave and join again.
  expect(alice.events.filter(isRoomEvent('left'))).toEqual([]);
});

test('joins a room once for two joins at the same time', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob');
  const [first, second] = await Promise.all([bob.client.joinRoom('lobby'), bob.client.joinRoom('lobby')]);
  expect(second.roomId).toBe(first.roomId);
  await bob.client.send('lobby', 'joined once');
});

test('leaves and joins again when a member whose state was lost joins', async () => {
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

test('fetches a key again that could not be fetched at first', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let refusals = 2;
  const tampering = answering(
    (frame) => frame['op'] === 'get-wraps' && refusals-- > 0,
    (frame) => answer(frame, 'rate-limited'),
  );
  // The server has sent the wrap before the entry, too.
  Object.assign(tampering, { in: (frame: Frame) => (frame['push'] === 'wrap' ? [] : [frame]) });
  const bob = await connectClient(network, 'bob', tampering);
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'with the key');
  expect(bob.client.room('lobby')?.epoch).toBe(2);
  expect(refusals).toBeLessThan(0);
});

test('makes a new key if the hub hands out a wrong one', async () => {
  await using network = await TestNetwork.start();
  let bad = true;
  const mallory = await connectClient(network, 'mallory', {}, { crypto: cheatingCrypto(() => bad) });
  await mallory.client.createRoom('lobby');
  const bob = await connectClient(network, 'bob', {}, { speed: 10 });
  await bob.client.joinRoom('lobby');
  await bob.event((e) => e.kind === 'room' && e.event.kind === 'violation' && e.event.code === 'wrong-key');
  bad = false;
  await bob.client.send('lobby', 'under a key of our own');
  await mallory.read('under a key of our own');
});

test('refuses another room under the name of the requested one', async () => {
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

test('erases nothing if the server denies access to a room', async () => {
  await using network = await TestNetwork.start();
  await lobbyOf(network, 'alice');
  let deny = false;
  const tampering = answering(
    (frame) => deny && frame['op'] === 'subscribe',
    (frame) => answer(frame, 'unknown-room'),
  );
  const bob = await joined(network, 'bob', 'lobby', tampering);
  await bob.client.send('lobby', 'kept');
  deny = true;
  bob.inject({ push: 'bye', error: { code: 'stopping', message: 'stopping' } });
  await bob.event((event) => event.kind === 'trouble' && event.code === 'unknown-room');
  expect(await textsIn(bob.client, 'lobby')).toEqual(['kept']);
  expect(Object.keys(bob.stored()?.rooms ?? {})).toHaveLength(1);
});

test('notices an end of the connection that comes together with the answer to the login', async () => {
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

test('keeps a change of presence that comes together with the answer to the subscription', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const room = alice.client.room('lobby')?.roomId;
  const bob = await connectClient(network, 'bob', {
    in: (frame) =>
      Array.isArray((frame['ok'] as Frame | undefined)?.['online'])
        ? [frame, { push: 'presence', room, changes: [{ user: 'alice', online: false }], connected: 1 }]
        : [frame],
  });
  await bob.client.joinRoom('lobby');
  expect(bob.client.room('lobby')?.members.find(({ user }) => user === 'alice')?.online).toBe(false);
});

test('goes on with the room and the other listeners if a listener throws', async () => {
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
      throw new Error('thrown by the listener');
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

test('stores the hash of the entry that it sends for a message', async () => {
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
