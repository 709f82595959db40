/** Knocks from the side of the user who knocks and of the members: how they end, and who learns of it. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isKind } from '../support/events.ts';
import { connectClient, type Frame } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const byInvitation = { join: 'invite', history: 'since-join' } as const;

test('lets a member dismiss a knock, and shows the other members who did', async () => {
  await using network = await TestNetwork.start();
  const [alice, carol] = [await connectClient(network, 'alice'), await connectClient(network, 'carol')];
  const bob = await connectClient(network, 'bob');
  await alice.client.createRoom('board', byInvitation);
  await alice.client.invite('board', 'carol');
  await carol.client.joinRoom('board');
  expect(await rejectedCode(alice.client.dismissKnock('board', 'bob'))).toBe('no-knock');
  await alice.client.verify('bob', bob.client.fingerprint);
  await bob.client.knock('board');
  expect(await alice.event(isKind('knock'))).toMatchObject({ user: 'bob', verified: true });
  expect(await carol.event(isKind('knock'))).toMatchObject({ user: 'bob', verified: false });
  await alice.client.dismissKnock('board', 'bob');
  expect(await carol.event(isKind('knock-dismissed'))).toMatchObject({ roomName: 'board', user: 'bob', by: 'alice' });
  expect(await carol.client.knocks('board')).toEqual([]);
  expect(alice.events.filter(isKind('knock-dismissed'))).toEqual([]);
  // Bob learns nothing of it, now and after a restart.
  const back = await bob.restart();
  await alice.client.invite('board', 'bob');
  await back.event((event) => event.kind === 'room' && event.event.kind === 'joined' && event.mine);
  expect([...bob.events, ...back.events].filter(isKind('knock-ended'))).toEqual([]);
});

test('tells the user that a knock is over which the server does not list, and reports a later invitation', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  const bob = await connectClient(network, 'bob');
  await alice.client.createRoom('board', byInvitation);
  await bob.client.knock('board');
  const forgetful = (frame: Frame) => [
    typeof frame['ok'] === 'object' && 'rooms' in Object(frame['ok']) ? { ...frame, ok: { rooms: [] } } : frame,
  ];
  const back = await bob.restart({ in: forgetful });
  expect(await back.event(isKind('knock-ended'))).toMatchObject({ roomName: 'board' });
  await alice.client.invite('board', 'bob');
  await back.event(isKind('invited'));
  expect(back.client.room('board')).toBeNull();
});
