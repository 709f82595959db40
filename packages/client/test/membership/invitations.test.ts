/** Rooms that need an invitation: who may join, what newcomers read, and what survives a lost connection. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isEpoch, isEpochAfterRemoval, isKind, isReady, isRoomEvent } from '../support/events.ts';
import { Signal } from '../support/signal.ts';
import { connectClient, type Frame, lobbyOf } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const byInvitation = { join: 'invite', history: 'since-join' } as const;

/** Connects Alice, who creates the room `board` by invitation, and Bob, who is not in it. */
async function boardOf(network: TestNetwork) {
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await alice.client.createRoom('board', byInvitation);
  return { alice, bob };
}

test('shows a user who was invited while away the messages since the invitation, and none from before', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await boardOf(network);
  expect(await rejectedCode(bob.client.joinRoom('board'))).toBe('not-invited');
  await bob.client.close();
  await alice.client.send('board', 'not for bob');
  await alice.client.invite('board', 'bob');
  expect(alice.client.room('board')?.invited).toMatchObject([{ user: 'bob', by: 'alice', verified: false }]);
  await alice.event(isEpoch(2));
  await alice.client.send('board', 'for bob');
  await alice.client.close();

  const back = await bob.restart();
  expect(await back.event(isKind('invited'))).toMatchObject({
    roomName: 'board',
    by: 'alice',
    policy: byInvitation,
  });
  expect(await back.client.invitations()).toMatchObject([{ roomName: 'board', by: 'alice', policy: byInvitation }]);
  await back.client.joinRoom('board');
  await back.read('for bob');
  expect(back.texts('board')).toEqual(['for bob']);
  expect(back.client.room('board')).toMatchObject({ policy: byInvitation, invited: [] });
  await back.client.send('board', 'thank you');
  expect(await back.client.invitations()).toEqual([]);
  expect(back.events.filter(isRoomEvent('violation'))).toEqual([]);
});

test('joins by itself once a member grants a knock', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await boardOf(network);
  await bob.client.knock('board');
  const knock = { user: 'bob', fingerprint: bob.client.fingerprint };
  expect(await alice.event(isKind('knock'))).toMatchObject({ roomName: 'board', ...knock });
  expect(await alice.client.knocks('board')).toEqual([knock]);
  await alice.client.invite('board', 'bob', { fingerprint: bob.client.fingerprint });
  await bob.event(isReady);
  await alice.client.send('board', 'welcome');
  await bob.read('welcome');
  expect(await alice.client.knocks('board')).toEqual([]);
  expect(bob.events.filter(({ kind }) => kind === 'invited')).toEqual([]);
  await bob.client.close();
  expect(bob.stored()?.knocked).toEqual({});
});

test('remembers a knock whose answer was lost over a restart, and shows knocks from while all members were away', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('board', byInvitation);
  await alice.client.close();
  let lost = false;
  const sent = new Signal();
  const bob = await connectClient(network, 'bob', {
    out(frame) {
      if (frame['op'] === 'knock') {
        lost = true;
        sent.raise();
      }
      return frame;
    },
    in: (frame: Frame) => (lost ? [] : [frame]),
  });
  const knocking = bob.client.knock('board').catch((error: unknown) => error);
  await sent.raised;
  const back = alice.restart();
  expect(await (await back).event(isKind('knock'))).toMatchObject({ user: 'bob' });
  const again = await bob.restart();
  expect(await knocking).toBeInstanceOf(Error);
  await (await back).client.invite('board', 'bob');
  await again.event(isReady);
  expect(again.client.room('board')?.members.map(({ user }) => user)).toEqual(['alice', 'bob']);
});

test('forgets a knock that was refused', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = [await connectClient(network, 'alice'), await connectClient(network, 'bob')];
  await alice.client.createRoom('lobby');
  expect(await rejectedCode(bob.client.knock('lobby'))).toBe('entry-refused');
  expect(await rejectedCode(bob.client.knock('nowhere'))).toBe('unknown-room');
  await bob.client.joinRoom('lobby');
  expect(bob.stored()?.knocked).toEqual({});
});

test('does not show a knock that its user has not signed', async () => {
  await using network = await TestNetwork.start();
  const tampering = { forge: false };
  const forged = (knock: unknown) => ({ ...(knock as Frame), by: 'ab'.repeat(32) });
  const alice = await connectClient(network, 'alice', {
    in(frame) {
      const ok = frame['ok'] as { knocks?: unknown[] } | undefined;
      if (!tampering.forge || ok?.knocks === undefined) return [frame];
      return [{ ...frame, ok: { knocks: ok.knocks.map(forged) } }];
    },
  });
  const bob = await connectClient(network, 'bob');
  await alice.client.createRoom('board', byInvitation);
  await bob.client.knock('board');
  await alice.event(isKind('knock'));
  tampering.forge = true;
  expect(await alice.client.knocks('board')).toEqual([]);
});

test('refuses a join after the invitation was withdrawn, and changes the key', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await boardOf(network);
  await alice.client.invite('board', 'bob');
  await bob.event(isKind('invited'));
  await alice.client.removeMember('board', 'bob');
  await alice.event(isRoomEvent('withdrawn'));
  expect(alice.client.room('board')?.invited).toEqual([]);
  expect(await rejectedCode(bob.client.joinRoom('board'))).toBe('not-invited');
  await alice.event(isEpochAfterRemoval);
  await alice.client.invite('board', 'bob');
  await bob.client.joinRoom('board');
});

test('refuses impossible invitations with a reason', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await boardOf(network);
  expect(await rejectedCode(alice.client.invite('board', 'carol'))).toBe('unknown-user');
  expect(await rejectedCode(alice.client.invite('board', 'alice'))).toBe('already-a-member');
  expect(await rejectedCode(alice.client.invite('attic', 'bob'))).toBe('not-joined');
  const fingerprint = 'ab'.repeat(32);
  expect(await rejectedCode(alice.client.invite('board', 'bob', { fingerprint }))).toBe('identity-changed');
  await alice.client.invite('board', 'bob');
  expect(await rejectedCode(alice.client.invite('board', 'bob'))).toBe('already-invited');
  await bob.client.joinRoom('board');
  expect(await rejectedCode(alice.client.invite('board', 'bob'))).toBe('already-a-member');
});

test('leaves a room whose policy differs from what the server announced', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const bob = await connectClient(network, 'bob', {
    in(frame) {
      const ok = frame['ok'] as Frame | undefined;
      return ok?.['policy'] === undefined ? [frame] : [{ ...frame, ok: { ...ok, policy: byInvitation } }];
    },
  });
  expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('wrong-room');
  await alice.event(isRoomEvent('left'));
  await bob.event(isKind('left'));
  expect(bob.client.rooms()).toEqual([]);
});

test('declines an invitation: the members see it, and the room gets a key that the user does not have', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob } = await boardOf(network);
  expect(await rejectedCode(bob.client.decline('board'))).toBe('not-invited');
  await alice.client.invite('board', 'bob');
  await alice.event(isEpoch(2));
  await bob.event(isKind('invited'));
  await bob.client.decline('board');
  expect(await alice.event(isRoomEvent('declined'))).toMatchObject({ event: { user: 'bob' } });
  await alice.event(isEpochAfterRemoval);
  expect(alice.client.room('board')?.invited).toEqual([]);
  expect(await bob.client.invitations()).toEqual([]);
  expect(await rejectedCode(bob.client.joinRoom('board'))).toBe('not-invited');
  expect(await rejectedCode(bob.client.decline('board'))).toBe('not-invited');
  // A later invitation is a new one, and is reported.
  await alice.client.invite('board', 'bob');
  await bob.event(() => bob.events.filter(isKind('invited')).length === 2);
  await bob.client.joinRoom('board');
});
