/** Entries that the server no longer has, as a client meets them. */
import { entryHash, limits, type SignedEntry } from '@chat/protocol';
import { expect, test } from 'vitest';
import { isRoomEvent } from '../support/events.ts';
import { type Frame, joined, lobbyOf } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

/** Sends gaps of this cause in place of messages. */
const losing = (cause: 'damaged' | 'expired', isLost: (seq: number) => boolean) => ({
  in(frame: Frame): readonly Frame[] {
    const entry = frame['entry'] as SignedEntry | undefined;
    if (frame['push'] !== 'entry' || entry?.type !== 'message' || !isLost(Number(frame['seq']))) return [frame];
    const { room, seq } = frame;
    return [{ push: 'gap', room, seq, hash: entryHash(entry), type: 'message', cause }];
  },
});

const violations = (events: readonly { readonly kind: string }[]) =>
  events.flatMap((each) => {
    const { event } = each as { event?: { kind: string; code?: string } };
    return event?.kind === 'violation' ? [event.code] : [];
  });

test('a damaged message is reported, accuses no member, and the conversation goes on', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  let lost = 0;
  const bob = await joined(
    network,
    'bob',
    'lobby',
    losing('damaged', () => lost-- > 0),
  );
  lost = 1;
  await alice.client.send('lobby', 'spoilt');
  await alice.client.send('lobby', 'sound');
  await bob.read('sound');
  expect(bob.texts('lobby')).toEqual(['sound']);
  expect(bob.events.filter(isRoomEvent('gap'))).toMatchObject([{ event: { cause: 'damaged', stops: false } }]);
  expect(violations(bob.events)).toEqual([]);
  await bob.client.send('lobby', 'and on');
  await alice.read('and on');
  expect(violations(alice.events)).toEqual([]);
});

test('an own message that the server has lost was sent, and the next one follows it', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  let lost = 0;
  const bob = await joined(
    network,
    'bob',
    'lobby',
    losing('damaged', () => lost-- > 0),
  );
  lost = 1;
  await bob.client.send('lobby', 'lost here');
  await bob.client.send('lobby', 'not here');
  await alice.read('not here');
  expect(alice.texts('lobby')).toEqual(['lost here', 'not here']);
  expect(violations(alice.events)).toEqual([]);
});

test('a recent message that the server says it no longer keeps counts as withheld', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const bob = await joined(
    network,
    'bob',
    'lobby',
    losing('expired', () => true),
  );
  await alice.client.send('lobby', 'hidden');
  await bob.event(isRoomEvent('violation'));
  expect(violations(bob.events)).toEqual(['withheld']);
  await bob.client.close();
  await alice.client.send('lobby', 'hidden too');
  const back = await bob.restart(losing('expired', () => true));
  await back.event(isRoomEvent('violation'));
  expect(violations(back.events)).toContain('withheld');
});

test('an old message that the server no longer keeps is reported without an alarm', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const away = await joined(network, 'bob', 'lobby');
  await away.client.close();
  const first = (await alice.client.send('lobby', 'old')).seq;
  for (let index = 0; index < limits.keptEntries; index++) await alice.client.send('lobby', `new ${index}`);
  const back = await away.restart(losing('expired', (seq) => seq === first));
  await back.read(`new ${limits.keptEntries - 1}`);
  expect(back.events.filter(isRoomEvent('gap'))).toMatchObject([{ event: { cause: 'expired' } }]);
  expect(violations(back.events)).toEqual([]);
});
