/** A missing room key with real clients and a real server, from the missing wrap to the messages that it decrypts. */
import { expect, test } from 'vitest';
import { cheatingCrypto } from '../support/cheating-crypto.ts';
import { isReady } from '../support/events.ts';
import { connectClient, type Frame, joined, type Tampering, type TestClient } from '../support/test-client.ts';
import { TestNetwork, type WatchedClient } from '../support/test-network.ts';

/** Sends no wrap, and answers so many requests for wraps with none. */
function withoutWrap(times: number): Tampering & { inject: (frame: Frame) => void } {
  let left = times;
  const tampering = {
    inject: (_: Frame) => {},
    out(frame: Frame) {
      if (frame['op'] !== 'get-wraps' || left-- <= 0) return frame;
      queueMicrotask(() => tampering.inject({ re: frame['id'], ok: { wraps: [] } }));
      return null;
    },
    in: (frame: Frame) => (frame['push'] === 'wrap' && left > 0 ? [] : [frame]),
  };
  return tampering;
}

const asked = ({ events }: WatchedClient) =>
  events.flatMap((event) => (event.kind === 'key-wanted' ? [event.asked] : []));
const violations = ({ events }: WatchedClient) =>
  events.flatMap((event) =>
    event.kind === 'room' && event.event.kind === 'violation' ? [`${event.event.code} ${event.event.user}`] : [],
  );

async function join(bob: TestClient): Promise<void> {
  await bob.client.joinRoom('lobby');
  await bob.event(isReady);
}

test('asks a member for a lost wrap, and the room keeps its key', async () => {
  await using network = await TestNetwork.start();
  const alice = await network.enrol('alice');
  await alice.client.createRoom('lobby');
  const tampering = withoutWrap(1);
  const bob = await connectClient(network, 'bob', tampering);
  await join(bob);
  await alice.client.send('lobby', 'under the same key');
  await bob.read('under the same key');
  expect([asked(bob), violations(bob)]).toEqual([[['alice']], []]);
  expect(bob.client.room('lobby')?.epoch).toBe(2);
});

test('asks another member than the author of a wrong wrap, and reports the author', async () => {
  await using network = await TestNetwork.start();
  let bad = false;
  const alice = await connectClient(network, 'alice', {}, { crypto: cheatingCrypto(() => bad) });
  const carol = await network.enrol('carol');
  await alice.client.createRoom('lobby');
  await carol.client.joinRoom('lobby');
  await carol.event(isReady);
  bad = true;
  const bob = await connectClient(network, 'bob');
  await join(bob);
  await carol.client.send('lobby', 'under the same key');
  await bob.read('under the same key');
  expect([asked(bob), violations(bob)]).toEqual([[['carol']], ['wrong-key alice']]);
  expect(bob.client.room('lobby')?.epoch).toBe(3);
});

test('wraps no key to a prekey that the server has replaced, and reports it; the prekey’s owner makes a new key', async () => {
  await using network = await TestNetwork.start();
  let stolen = false;
  const alice = await connectClient(network, 'alice', {
    in(frame) {
      const ok = frame['ok'] as { prekeys?: readonly { user: string; prekey: string }[] } | undefined;
      const [first] = ok?.prekeys ?? [];
      if (first?.user !== 'bob') return [frame];
      stolen = true;
      return [
        {
          ...frame,
          ok: {
            prekeys: [
              { ...first, prekey: first.prekey.replace(/^..../u, (four) => (four === 'BAAA' ? 'CAAA' : 'BAAA')) },
            ],
          },
        },
      ];
    },
  });
  await alice.client.createRoom('lobby');
  const bob = await connectClient(network, 'bob', {}, { speed: 20 });
  await join(bob);
  expect(stolen).toBe(true);
  await bob.client.send('lobby', 'under a key of my own');
  await alice.read('under a key of my own');
  expect(violations(alice)).toContain('wrong-prekey bob');
  expect(bob.client.room('lobby')?.epoch).toBe(3);
});

test('goes on with another key at once when a member has given its key to no other, and reports that member', async () => {
  await using network = await TestNetwork.start();
  let isBad = false;
  // As if mallory made keys for herself only.
  const mallory = await connectClient(network, 'mallory', {
    in(frame) {
      const ok = frame['ok'] as { prekeys?: unknown; unknown?: unknown } | undefined;
      if (isBad && ok?.prekeys !== undefined) return [{ ...frame, ok: { prekeys: [] } }];
      return isBad && ok?.unknown !== undefined ? [{ ...frame, ok: { ...ok, unknown: [0, 1, 2] } }] : [frame];
    },
  });
  await mallory.client.createRoom('lobby');
  const [alice, bob, carol] = [
    await joined(network, 'alice', 'lobby'),
    await joined(network, 'bob', 'lobby'),
    await joined(network, 'carol', 'lobby'),
  ];
  isBad = true;
  await carol.client.leaveRoom('lobby');
  await bob.event(
    (event) => event.kind === 'room' && event.event.kind === 'epoch' && event.event.reason === 'lost-key',
  );
  await bob.client.send('lobby', 'under the next key');
  await alice.read('under the next key');
  const troubles = (each: WatchedClient) =>
    each.events.flatMap((event) => (event.kind === 'trouble' ? [event.code] : []));
  // Both wait for mallory's answer. A client that learns of the next key a moment before the wait is over has nothing to report.
  const reported = [alice, bob].filter((each) => troubles(each).length > 0);
  expect(reported.length).toBeGreaterThan(0);
  for (const each of reported) {
    expect(troubles(each)).toEqual(['key-withheld']);
    expect(asked(each).at(-1)?.at(-1)).toBe('mallory');
  }
});
