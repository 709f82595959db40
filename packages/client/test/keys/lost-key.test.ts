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
  // Each waits for mallory by its own clock. No key of theirs is made before both have reported that hers is withheld.
  const held: (() => void)[] = [];
  const reported = new Set<string>();
  const patient = (member: () => TestClient): Tampering => ({
    out(frame) {
      if (!isBad || (frame['entry'] as Frame | undefined)?.['type'] !== 'epoch' || reported.size === 2) return frame;
      held.push(() => member().forward(frame));
      return null;
    },
  });
  const alice: TestClient = await joined(
    network,
    'alice',
    'lobby',
    patient(() => alice),
  );
  const bob: TestClient = await joined(
    network,
    'bob',
    'lobby',
    patient(() => bob),
  );
  const carol = await joined(network, 'carol', 'lobby');
  for (const { client } of [alice, bob]) {
    client.subscribe((event) => {
      if (event.kind !== 'trouble') return;
      reported.add(client.user);
      if (reported.size === 2) for (const go of held.splice(0)) go();
    });
  }
  // A member who does not know yet that the other one is connected asks mallory alone, and accuses no author for one silent member.
  const online = ({ client }: TestClient) => client.room('lobby')?.members.filter((member) => member.online).length;
  await expect.poll(() => [alice, bob].map(online)).toEqual([4, 4]);
  isBad = true;
  await carol.client.leaveRoom('lobby');
  await bob.event(
    (event) => event.kind === 'room' && event.event.kind === 'epoch' && event.event.reason === 'lost-key',
  );
  await bob.client.send('lobby', 'under the next key');
  await alice.read('under the next key');
  for (const each of [alice, bob]) {
    expect(each.events.flatMap((event) => (event.kind === 'trouble' ? [event.code] : []))).toEqual(['key-withheld']);
    expect(asked(each).at(-1)?.at(-1)).toBe('mallory');
  }
});
