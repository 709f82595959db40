/** Messages whose key comes after them, over other keys and restarts. */
import { expect, test } from 'vitest';
import { createMemoryArchive } from '../../../src/entry-archive.ts';
import type { ClientEvent } from '../../../src/index.ts';
import { LateMessages, mostWaiting } from '../../../src/room/said/late-messages.ts';
import type { StoredRoom } from '../../../src/storage/stored-state.ts';
import { isKind, isRoomEvent } from '../../support/events.ts';
import { type Frame, joined, lobbyOf, type TestClient } from '../../support/test-client.ts';
import { TestNetwork } from '../../support/test-network.ts';

const errorOf = (frame: Frame, code: string) => ({ re: frame['id'], error: { code, message: code } });

/** Keeps every key from a client while `hides` is true: the server has no wraps, and no member is asked. */
function hidingKeys() {
  const tampering = {
    hides: false,
    /** What the server answers to the request for wraps. */
    code: 'no-wrap',
    inject: (_: Frame) => {},
    in: (frame: Frame) => (tampering.hides && frame['push'] === 'wrap' ? [] : [frame]),
    out(frame: Frame) {
      const refused = { 'get-wraps': tampering.code, 'ask-key': 'stale-epoch' }[String(frame['op'])];
      if (!tampering.hides || refused === undefined) return frame;
      queueMicrotask(() => tampering.inject(errorOf(frame, refused)));
      return null;
    },
  };
  return tampering;
}

/** How many messages the stored state of a client has that it cannot read. */
const unreadIn = (client: TestClient): number =>
  Object.values(client.stored()?.rooms ?? {})
    .flatMap(({ unread = [] }) => unread)
    .reduce((sum, { messages }) => sum + messages.length, 0);

const isLate = (text: string) => (event: ClientEvent) =>
  event.kind === 'room' && event.late === true && event.event.kind === 'message' && event.event.text === text;

const textsOf = async ({ client }: TestClient) => (await client.messages.page('lobby')).map(({ text }) => text);

/** Alice says two things under a key that bob does not get, and edits the first one. */
async function withoutKey(network: TestNetwork) {
  const [alice, carol, dave] = await lobbyOf(network, 'alice', 'carol', 'dave');
  const keys = hidingKeys();
  const bob = await joined(network, 'bob', 'lobby', keys, { archive: createMemoryArchive() });
  await alice.client.send('lobby', 'zero');
  await bob.read('zero');
  keys.hides = true;
  // The key after a departure does not follow from the one before.
  await dave.client.leaveRoom('lobby');
  const { seq: first } = await alice.client.send('lobby', 'one');
  const { seq: second } = await alice.client.send('lobby', 'two');
  await alice.client.messages.edit('lobby', first, 'one, edited');
  await expect.poll(() => unreadIn(bob), { timeout: 30_000 }).toBe(3);
  expect(await textsOf(bob)).toEqual(['zero']);
  keys.hides = false;
  return { alice, bob, carol, keys, first, second };
}

test('are read when the key comes on the next connection', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await withoutKey(network);
  const again = await bob.restart();
  await again.event(isLate('two'));
  expect(await textsOf(again)).toEqual(['zero', 'one, edited', 'two']);
  await alice.client.send('lobby', 'three');
  await again.read('three');
  expect(again.events.filter((event) => isRoomEvent('violation')(event))).toEqual([]);
  await expect.poll(() => unreadIn(again), { timeout: 30_000 }).toBe(0);
});

test('are read when their key comes after a later one, with what has changed them meanwhile', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob, carol, second } = await withoutKey(network);
  await carol.client.leaveRoom('lobby');
  await alice.client.messages.delete('lobby', second);
  await alice.client.send('lobby', 'three');
  await expect.poll(() => JSON.stringify(bob.stored()?.messages), { timeout: 30_000 }).toContain('"three"');
  expect(await textsOf(bob)).toEqual(['zero', 'three']);
  const again = await bob.restart();
  await again.event(isLate('two'));
  expect(await textsOf(again)).toEqual(['zero', 'one, edited', '', 'three']);
  await expect.poll(() => unreadIn(again), { timeout: 30_000 }).toBe(0);
  expect(JSON.stringify(again.stored())).not.toContain('"two"');
  const third = await again.restart();
  await third.event(isKind('caught-up'));
  expect(await textsOf(third)).toEqual(['zero', 'one, edited', '', 'three']);
  expect(third.events.filter((event) => event.kind === 'room' && event.late === true)).toEqual([]);
});

test.each(['no-wrap', 'internal'])(
  'stay unread while the server answers %s, and are asked for again only if it may have the key',
  async (code) => {
    await using network = await TestNetwork.start();
    const { alice, bob, carol, keys } = await withoutKey(network);
    await carol.client.leaveRoom('lobby');
    await alice.client.send('lobby', 'three');
    await expect.poll(() => JSON.stringify(bob.stored()?.messages), { timeout: 30_000 }).toContain('"three"');
    Object.assign(keys, { hides: true, code });
    const again = await bob.restart(keys);
    await again.event(isKind('caught-up'));
    await again.client.send('lobby', 'four');
    expect(await textsOf(again)).toEqual(['zero', 'three', 'four']);
    await expect.poll(() => unreadIn(again), { timeout: 30_000 }).toBe(code === 'internal' ? 3 : 0);
    keys.hides = false;
    const third = await again.restart();
    await third.event(isKind('caught-up'));
    await third.client.send('lobby', 'five');
    if (code === 'internal') await third.event(isLate('two'));
    const late = code === 'internal' ? ['one, edited', 'two'] : [];
    expect(await textsOf(third)).toEqual(['zero', ...late, 'three', 'four', 'five']);
  },
);

test('wait in bounded numbers, the latest ones, over all epochs of a room', () => {
  let stored: Pick<StoredRoom, 'unread'> = {};
  const room = {
    get stored() {
      return stored;
    },
    keep: (changed: typeof stored) => {
      stored = changed;
    },
  };
  const late = new LateMessages({ saveSoon: () => undefined } as never, room as never);
  const perEpoch = 100;
  const numbers = Array.from({ length: mostWaiting.epochs + 4 }, (_, index) => index + 1);
  const me = 'a'.repeat(64);
  const epochs = Object.fromEntries(numbers.map((number) => [number, { number, answers: 1 }]));
  const members = new Map([[me, { readsFrom: 1 }]]);
  const author = { user: 'bob', fingerprint: 'b'.repeat(64), earlierKeys: [], mayHide: false };
  const seqs = numbers.flatMap((epoch) => Array.from({ length: perEpoch }, (_, at) => [epoch, epoch * perEpoch + at]));
  for (const [epoch = 0, seq = 0] of seqs) {
    const known = Object.fromEntries(Object.entries(epochs).filter(([number]) => Number(number) <= epoch));
    const state = { me, members, invited: new Map(), epochs: known, secrets: {} };
    late.took(state as never, [{ ...author, kind: 'unreadable', seq, epoch, hash: String(seq).padStart(64, '0') }]);
  }
  const unread = stored.unread ?? [];
  expect(unread.map(({ epoch }) => epoch.number)).toEqual(numbers.slice(-mostWaiting.epochs));
  const kept = unread.flatMap(({ messages }) => messages.map(({ seq }) => seq));
  expect(kept).toEqual(seqs.slice(-mostWaiting.messages).map(([, seq]) => seq));
  expect(JSON.stringify(unread).length).toBeLessThan(256 * 1024);
});
