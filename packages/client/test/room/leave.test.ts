/** A leave whose answer is lost: the client finishes it by itself and reports it. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { textsIn } from '../support/kept-texts.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const isLeave = (frame: Frame) => (frame['entry'] as Frame | undefined)?.['type'] === 'leave';
const hasLeft = ({ kind }: { kind: string }) => kind === 'left';
const bye = { push: 'bye', error: { code: 'stopping', message: 'stopping' } };

/** Ends the connection when bob leaves: before the request reaches the server, or instead of the server's answer. */
function cutting(when: 'before' | 'after') {
  const tampering = {
    armed: true,
    asked: -1,
    inject: (_: Frame) => {},
    out(frame: Frame): Frame | null {
      if (!tampering.armed || !isLeave(frame)) return frame;
      tampering.asked = frame['id'] as number;
      if (when === 'after') return frame;
      tampering.armed = false;
      queueMicrotask(() => tampering.inject(bye));
      return null;
    },
    in(frame: Frame): readonly Frame[] {
      if (!tampering.armed || when === 'before' || tampering.asked === -1) return [frame];
      if (frame['re'] !== tampering.asked) return [];
      tampering.armed = false;
      return [bye];
    },
  };
  return tampering;
}

async function inLobby(
  network: TestNetwork,
  when: 'before' | 'after',
): Promise<{ alice: TestClient; bob: TestClient }> {
  const [alice] = await lobbyOf(network, 'alice');
  const tampering = cutting(when);
  const bob = await joined(network, 'bob', 'lobby', tampering);
  return { alice, bob };
}

test.each(['before', 'after'] as const)(
  'finishes a leave on the next connection (connection lost %s it reached the server)',
  async (when) => {
    await using network = await TestNetwork.start();
    const { alice, bob } = await inLobby(network, when);
    expect(await rejectedCode(bob.client.leaveRoom('lobby'))).toBe('unreachable');
    expect(bob.client.room('lobby')?.leaving).toBe(true);
    expect(await rejectedCode(bob.client.send('lobby', 'still here?'))).toBe('not-joined');
    await bob.event(hasLeft);
    expect(bob.client.rooms()).toEqual([]);
    await alice.event((e) => e.kind === 'room' && e.event.kind === 'left' && e.event.user === 'bob');
    expect(bob.events.filter(({ kind }) => kind === 'trouble')).toEqual([]);
  },
);

test.each(['before', 'after'] as const)(
  'finishes a leave after a restart (connection lost %s it reached the server)',
  async (when) => {
    await using network = await TestNetwork.start();
    const { bob } = await inLobby(network, when);
    expect(await rejectedCode(bob.client.leaveRoom('lobby'))).toBe('unreachable');
    const again = await bob.restart();
    await again.event(hasLeft);
    expect(again.client.rooms()).toEqual([]);
    await again.client.close();
    expect(again.stored()?.rooms).toEqual({});
  },
);

test('has the room and its key if the user joins again while a leave is unconfirmed', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await inLobby(network, 'after');
  expect(await rejectedCode(bob.client.leaveRoom('lobby'))).toBe('unreachable');
  const online = bob.events.filter((e) => e.kind === 'connection' && e.status === 'online').length;
  await bob.event((event) => {
    const isOnline = event.kind === 'connection' && event.status === 'online';
    return isOnline && bob.events.filter((e) => e.kind === 'connection' && e.status === 'online').length > online;
  });
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'back again');
  await alice.read('back again');
  expect(bob.client.room('lobby')?.leaving).toBe(false);
});

test('keeps the room as it was after a leave that was refused or never sent', async () => {
  await using network = await TestNetwork.start();
  const [_alice] = await lobbyOf(network, 'alice');
  const tampering = {
    refuse: true,
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (!tampering.refuse || !isLeave(frame)) return frame;
      queueMicrotask(() => tampering.inject({ re: frame['id'], error: { code: 'rate-limited', message: 'too fast' } }));
      return null;
    },
  };
  const bob = await connectClient(network, 'bob', tampering);
  await bob.client.joinRoom('lobby');
  expect(await rejectedCode(bob.client.leaveRoom('lobby'))).toBe('rate-limited');
  expect(bob.client.room('lobby')?.leaving).toBe(false);
  await bob.client.send('lobby', 'still here');
  tampering.refuse = false;
  await bob.client.leaveRoom('lobby');
  expect(bob.client.rooms()).toEqual([]);
});

test('lets a user who is a member by the log and not by the server join again, and keeps the messages', async () => {
  await using network = await TestNetwork.start();
  const [_alice] = await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'before');
  await bob.client.close();
  // Another client of bob, unknown to this one, has left.
  const elsewhere = await bob.restart();
  const stored = structuredClone(elsewhere.stored());
  await elsewhere.client.leaveRoom('lobby');
  expect(stored).toBeDefined();
  network.forgetRun('bob');
  const back = await bob.restart();
  await back.event((event) => event.kind === 'trouble' && event.code === 'not-a-member');
  await back.client.joinRoom('lobby');
  await back.client.send('lobby', 'after');
  expect(await textsIn(back.client, 'lobby')).toEqual(['before', 'after']);
});
