/** How long the change of the own prekey waits for a server that does not do its part, and what the client keeps and reports then. */
import { limits, ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { FakeServer } from '../support/fake-server.ts';
import { IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';

const day = limits.prekeyAge;
const minute = 60_000;
const lobby = [{ roomName: 'lobby', lacks: 'log' }] as const;

let clock: ManualClock;
let server: FakeServer;
let alice: IsolatedClient;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeServer();
  alice = new IsolatedClient('alice', clock, server);
});

const atServer = () => server.prekeys.get('alice');

test('waits for the rooms that are not caught up', async () => {
  await alice.ring.publish();
  const first = atServer()?.prekey;
  alice.unsettled = lobby;
  await clock.advance(2 * day - minute);
  expect(atServer()?.prekey).toBe(first);
  alice.unsettled = [];
  await clock.advance(minute - 1);
  expect(atServer()?.prekey).toBe(first);
  await clock.advance(1);
  expect([atServer()?.prekey === first, alice.codes()]).toEqual([false, []]);
  expect(alice.vault.prekeys).toHaveLength(2);
});

test('waits for a day at most, keeps the prekeys of two weeks then, and tells the user once and when it is over', async () => {
  await alice.ring.publish();
  alice.unsettled = lobby;
  const used: (string | undefined)[] = [];
  for (let days = 0; days < 24; days += 2) {
    used.push(atServer()?.prekey);
    await clock.advance(2 * day - 1);
    expect(atServer()?.prekey).toBe(used.at(-1));
    await clock.advance(1);
  }
  expect(new Set(used).size).toBe(12);
  expect(alice.codes()).toEqual(['rooms-unread']);
  // The one in use, and those that were replaced within the last 14 days, the one of this moment included.
  expect(used.map((publicKey) => alice.canOpen(publicKey))).toEqual([...Array(5).fill(false), ...Array(7).fill(true)]);
  alice.unsettled = [];
  await clock.advance(minute);
  expect(alice.codes()).toEqual(['rooms-unread', 'rooms-unread over']);
  await clock.advance(day);
  expect(alice.vault.prekeys).toHaveLength(2);
  await clock.advance(3 * day);
  expect(alice.codes()).toEqual(['rooms-unread', 'rooms-unread over']);
});

test('names the rooms and what the server has not done', async () => {
  await alice.ring.publish();
  alice.unsettled = [...lobby, { roomName: 'den', lacks: 'key' }];
  await clock.advance(2 * day);
  const reasons = alice.events.flatMap((event) => (event.kind === 'trouble' ? [event.reason] : []));
  expect(reasons).toEqual([expect.stringContaining('the end of lobby and a key of den')]);
});

/** Connects as often as it takes for the time to pass, on connections that end before a minute has passed. */
async function flicker(forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += 10 * minute) {
    await alice.ring.publish();
    await clock.advance(minute - 1);
    alice.ring.disconnected();
    await clock.advance(9 * minute + 1);
  }
}

test('replaces the prekey although every connection is cut within a minute, also over restarts', async () => {
  await flicker(day);
  const first = atServer()?.prekey;
  alice.unsettled = lobby;
  await flicker(day / 2);
  alice = new IsolatedClient('alice', clock, server, alice.vault);
  alice.unsettled = lobby;
  await flicker(day / 2);
  expect(atServer()?.prekey).toBe(first);
  await flicker(20 * minute);
  expect([atServer()?.prekey === first, alice.canOpen(first), alice.codes()]).toEqual([false, true, ['rooms-unread']]);
});

test('replaces the prekey of a program that only ever connects for a moment, and reports nothing', async () => {
  await flicker(day);
  const first = atServer()?.prekey;
  await flicker(day + 20 * minute);
  expect([atServer()?.prekey === first, alice.codes()]).toEqual([false, []]);
});

test('tells nothing after some days without a connection', async () => {
  await alice.ring.publish();
  await clock.advance(day);
  alice.unsettled = lobby;
  await clock.advance(day + minute);
  const [, before] = [atServer()?.prekey, alice.codes()];
  alice.ring.disconnected();
  clock.sleep(5 * day);
  await alice.ring.publish();
  alice.unsettled = [];
  await clock.advance(2 * day);
  expect(alice.codes()).toEqual(before);
});

test.each(['get-prekeys', 'put-prekey', 'list-invitations'] as const)(
  'replaces the prekey although the server answers %s with a failure for ever, and erases the first after two weeks',
  async (operation) => {
    await alice.ring.publish();
    const first = atServer()?.prekey;
    server.answers[operation] = () => {
      throw new ProtocolError('internal', 'No.');
    };
    const live = async (days: number) => {
      for (let half = 0; half < 2 * days; half++) {
        await alice.ring.publish();
        await clock.advance(10 * minute);
        alice.ring.disconnected();
        clock.sleep(day / 2);
      }
    };
    await live(4);
    expect(alice.vault.prekeys[0]?.publicKey).not.toBe(first);
    await live(18);
    expect(alice.canOpen(first)).toBe(false);
  },
);
