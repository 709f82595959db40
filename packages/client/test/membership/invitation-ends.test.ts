/** Invitations that their users do not accept: a member's client withdraws them by its own clock, and the invited user can be invited again. */
import { limits } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isEpochAfterRemoval, isKind, isReady, isRoomEvent } from '../support/events.ts';
import { connectClient, type Tampering, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const byInvitation = { join: 'invite', history: 'since-join' } as const;
const hour = 60 * 60 * 1000;
const ended = limits.invitationAge + hour;

/** Alice owns the room `board` and has invited these users. */
async function boardOf(network: TestNetwork, ...users: readonly string[]) {
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('board', byInvitation);
  const invited: TestClient[] = [];
  for (const user of users) {
    const each = await connectClient(network, user);
    await alice.client.invite('board', user);
    invited.push(each);
  }
  return { alice, invited };
}

/** Restarts a client, for which the invitations that it knows of are older by `ms`. */
async function later(client: TestClient, ms: number, tampering?: Tampering): Promise<TestClient> {
  await client.client.send('board', 'so that everything is stored');
  const rooms = Object.values(client.stored()?.rooms ?? {});
  for (const room of rooms) {
    const aged = Object.entries(room.invitations ?? {}).map(([key, seen]) => [
      key,
      { ...seen, since: seen.since - ms },
    ]);
    Object.assign(room, { invitations: Object.fromEntries(aged), withdrewAt: (room.withdrewAt ?? ms) - ms });
  }
  return client.restart(tampering);
}

const invitedBy = (client: TestClient) => client.client.room('board')?.invited.map(({ user }) => user);

test('the inviter withdraws it an hour after its end and tells its user, and a fresh key follows', async () => {
  await using network = await TestNetwork.start();
  const { alice, invited } = await boardOf(network, 'bob');
  const early = await later(alice, ended - hour / 2);
  await early.event(isKind('caught-up'));
  await early.client.send('board', 'still invited');
  expect(invitedBy(early)).toEqual(['bob']);
  const late = await later(early, hour / 2);
  expect(await late.event(isKind('invitation-ended'))).toMatchObject({ roomName: 'board', user: 'bob' });
  await late.event(isRoomEvent('withdrawn'));
  await late.event(isEpochAfterRemoval);
  expect(invitedBy(late)).toEqual([]);
  const [bob] = invited;
  expect(await rejectedCode(bob?.client.joinRoom('board') ?? Promise.resolve())).toBe('not-invited');
  await late.client.invite('board', 'bob');
  await bob?.client.joinRoom('board');
  expect(late.events.filter(isRoomEvent('violation'))).toEqual([]);
});

test('several that end at once are withdrawn a few at a time', async () => {
  await using network = await TestNetwork.start();
  const users = Array.from({ length: 10 }, (_, n) => `user-${n}`);
  const { alice } = await boardOf(network, ...users);
  const first = await later(alice, ended);
  await first.event((event) => event.kind === 'invitation-ended' && event.user === 'user-7');
  await first.client.send('board', 'afterwards');
  expect(invitedBy(first)).toEqual(['user-8', 'user-9']);
  // A restart begins no further ones.
  const soon = await later(first, 0);
  await soon.event(isKind('caught-up'));
  await soon.client.send('board', 'soon');
  expect(invitedBy(soon)).toEqual(['user-8', 'user-9']);
  const next = await later(soon, hour);
  await next.event((event) => event.kind === 'invitation-ended' && event.user === 'user-9');
  expect(invitedBy(next)).toEqual([]);
});

test('a user who joins at the same moment becomes a member, and is not removed', async () => {
  await using network = await TestNetwork.start();
  const { alice, invited } = await boardOf(network, 'bob');
  let joining: Promise<unknown> | undefined;
  const held: Tampering = {};
  held.out = (frame) => {
    if (frame['op'] !== 'append' || joining !== undefined) return frame;
    // The withdrawal waits until the join is on the log.
    joining = invited[0]?.client.joinRoom('board').then(() => late.forward(frame));
    return null;
  };
  const late = await later(alice, ended, held);
  await late.event(isRoomEvent('joined'));
  await joining;
  await invited[0]?.event(isReady);
  await late.client.send('board', 'welcome');
  await invited[0]?.read('welcome');
  expect(late.client.room('board')?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
  expect(late.events.filter(({ kind }) => kind === 'invitation-ended' || kind === 'trouble')).toEqual([]);
});

test('a user who joins while earlier invitations are withdrawn is not removed', async () => {
  await using network = await TestNetwork.start();
  const { alice, invited } = await boardOf(network, 'bob', 'carol');
  const [, carol] = invited;
  let isHeld = false;
  const late = await later(alice, ended, {
    out(frame) {
      if (frame['op'] !== 'append' || isHeld) return frame;
      isHeld = true;
      const read = carol?.client.joinRoom('board').then(() => late.event(isRoomEvent('joined')));
      void read?.then(() => late.forward(frame));
      return null;
    },
  });
  await late.event(isKind('invitation-ended'));
  await late.event(isEpochAfterRemoval);
  await late.client.send('board', 'welcome');
  await carol?.read('welcome');
  expect(late.client.room('board')?.members.map(({ user }) => user)).toEqual(['alice', 'carol']);
  expect(late.events.some(isRoomEvent('removed'))).toBe(false);
});

test('a user who comes too late learns that it has ended, and is invited again by a knock', async () => {
  await using network = await TestNetwork.start();
  const { alice, invited } = await boardOf(network, 'bob');
  const [bob] = invited;
  if (bob === undefined) throw new Error('bob is not invited');
  await network.restart(async () => network.ageInvitations(limits.invitationAge));
  await bob.event((event) => event.kind === 'connection' && event.status === 'offline');
  const back = await bob.restart();
  expect(await back.client.invitations()).toEqual([]);
  expect(await rejectedCode(back.client.joinRoom('board'))).toBe('invitation-expired');
  expect(await rejectedCode(back.client.decline('board'))).toBe('not-invited');
  await back.client.knock('board');
  const late = await later(await alice.restart(), ended);
  // Once the invitation is withdrawn, the knock shows.
  expect(await late.event(isKind('knock'))).toMatchObject({ user: 'bob' });
  await late.client.invite('board', 'bob', { fingerprint: back.client.fingerprint });
  await back.event(isReady);
});

test('a server that refuses the withdrawal is reported once, and the invitation stays', async () => {
  await using network = await TestNetwork.start();
  const { alice } = await boardOf(network, 'bob', 'carol');
  const refusing: Tampering = { inject: () => undefined };
  refusing.out = (frame) => {
    if (frame['op'] !== 'append') return frame;
    setImmediate(() => refusing.inject?.({ re: frame['id'], error: { code: 'store-damaged', message: 'No.' } }));
    return null;
  };
  const late = await later(alice, ended, refusing);
  expect(await late.event(isKind('trouble'))).toMatchObject({ code: 'store-damaged' });
  expect(invitedBy(late)).toEqual(['bob', 'carol']);
  expect(late.events.filter(isKind('trouble'))).toHaveLength(1);
});

test('an invitation follows one that has ended, before its turn to be withdrawn', async () => {
  await using network = await TestNetwork.start();
  const { alice, invited } = await boardOf(network, 'bob');
  expect(await rejectedCode(alice.client.invite('board', 'bob'))).toBe('already-invited');
  const late = await later(alice, limits.invitationAge);
  await late.event(isKind('caught-up'));
  expect(invitedBy(late)).toEqual(['bob']);
  await late.client.invite('board', 'bob');
  expect(late.events.some(isRoomEvent('withdrawn'))).toBe(true);
  await invited[0]?.client.joinRoom('board');
});
