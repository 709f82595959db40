/** Rooms whose history is for all: newcomers read the messages from before their join, with all checks. */
import type { SignedEntry } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { isEpochAfterRemoval, isReady, isRoomEvent } from '../support/events.ts';
import { textsIn } from '../support/kept-texts.ts';
import { Signal } from '../support/signal.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const forAll = { join: 'open', history: 'all' } as const;
const isViolation = (event: ClientEvent) => event.kind === 'room' && event.event.kind === 'violation';
const saidTo = ({ events }: TestClient) =>
  events.flatMap((e) =>
    e.kind === 'room' && e.event.kind === 'message' ? [{ text: e.event.text, live: e.live }] : [],
  );

/** Creates a room with messages under three of its four epochs. */
async function roomWithPast(network: TestNetwork): Promise<TestClient> {
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('library', forAll);
  await alice.client.send('library', 'one');
  const bob = await joined(network, 'bob', 'library');
  await bob.client.send('library', 'two');
  await bob.client.leaveRoom('library');
  await alice.event(isEpochAfterRemoval);
  await alice.client.send('library', 'three');
  await bob.client.close();
  return alice;
}

/** Returns the number of room keys that are stored. */
const keptKeys = (reader: TestClient) =>
  Object.values(reader.stored()?.rooms ?? {}).flatMap(({ state }) => Object.keys(state.secrets)).length;

test('shows a newcomer the whole history once, in order and as history, and then live messages', async () => {
  await using network = await TestNetwork.start();
  const alice = await roomWithPast(network);
  const carol = await connectClient(network, 'carol');
  await carol.client.joinRoom('library');
  await carol.client.send('library', 'typed before anything was read');
  await alice.client.send('library', 'welcome');
  await carol.read('welcome');
  const texts = ['one', 'two', 'three', 'typed before anything was read', 'welcome'];
  expect(carol.texts('library')).toEqual(texts);
  expect(saidTo(carol).slice(0, 3)).toEqual(texts.slice(0, 3).map((text) => ({ text, live: false })));
  expect(await textsIn(carol.client, 'library')).toEqual(texts);
  expect(carol.events.filter(isRoomEvent('unreadable'))).toEqual([]);
  expect([...alice.events, ...carol.events].filter(isViolation)).toEqual([]);
  // Joins and departures from before are not reported; carol's own join is, once.
  const joined = carol.events.flatMap((e) => (e.kind === 'room' && e.event.kind === 'joined' ? [e.event.user] : []));
  expect(joined).toEqual(['carol']);
  expect(carol.events.filter(isReady)).toHaveLength(1);
});

test('delays messages and invitations until the history is read, and sends them once', async () => {
  await using network = await TestNetwork.start();
  const alice = await roomWithPast(network);
  const held: Frame[] = [];
  const isLog = (frame: Frame) => frame['push'] === 'entry' || frame['push'] === 'caught-up';
  let again = false;
  const allHeld = new Signal();
  const carol = await connectClient(network, 'carol', {
    out(frame) {
      again ||= frame['op'] === 'unsubscribe';
      return frame;
    },
    in(frame) {
      if (!again || !isLog(frame)) return [frame];
      held.push(frame);
      if (frame['push'] === 'caught-up') allHeld.raise();
      return [];
    },
  });
  await carol.client.joinRoom('library');
  await allHeld.raised;
  expect(carol.client.room('library')?.caughtUp).toBe(false);
  const sending = carol.client.send('library', 'typed meanwhile');
  const inviting = carol.client.invite('library', 'bob');
  again = false;
  carol.inject(...held);
  await Promise.all([sending, inviting]);
  await alice.read('typed meanwhile');
  expect(carol.texts('library')).toEqual(['one', 'two', 'three', 'typed meanwhile']);
});

test('reads the whole history at the next start if the client is killed at any point of it', async () => {
  await using network = await TestNetwork.start();
  await roomWithPast(network);
  // The number of entries, from the join on, after which the connection delivers no more.
  for (const limit of [1, 6, 12, 17]) {
    let count = 0;
    const name = `reader-${limit}`;
    const limitReached = new Signal();
    const reader = await connectClient(network, name, {
      in(frame: Frame) {
        if (frame['push'] !== 'entry') return [frame];
        count += 1;
        if (count >= limit) limitReached.raise();
        return count > limit ? [] : [frame];
      },
    });
    void reader.client.joinRoom('library').catch((error: unknown) => error);
    await limitReached.raised;
    const again = await reader.restart();
    await again.client.joinRoom('library');
    await again.event(isReady);
    expect(await textsIn(again.client, 'library')).toEqual(['one', 'two', 'three']);
    expect(again.events.filter(isViolation)).toEqual([]);
    await again.client.close();
    expect(keptKeys(again)).toBe(1);
  }
});

test('reports history that the server has altered, and does not show it', async () => {
  await using network = await TestNetwork.start();
  await roomWithPast(network);
  const carol = await connectClient(network, 'carol', {
    in(frame) {
      const entry = frame['entry'] as SignedEntry | undefined;
      if (frame['push'] !== 'entry' || entry?.type !== 'message') return [frame];
      const payload = entry.payload.slice(0, -1);
      return [{ ...frame, entry: { ...entry, payload } }];
    },
  });
  await carol.client.joinRoom('library');
  const told = (code: string) => (e: ClientEvent) =>
    e.kind === 'room' && e.event.kind === 'violation' && e.event.code === code;
  await carol.event(told('bad-signature'));
  // The author of the next epoch has seen another log than carol, so she rejects the epoch.
  await carol.event(told('fork'));
  expect(carol.texts('library')).toEqual([]);
});

test('shows a newcomer nothing from before the join in a room whose history is not for all', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  await alice.client.send('lobby', 'before');
  const bob = await connectClient(network, 'bob');
  await bob.client.joinRoom('lobby');
  await bob.client.send('lobby', 'after');
  expect(bob.texts('lobby')).toEqual(['after']);
});
