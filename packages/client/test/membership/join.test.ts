/** Creating and joining while the connection is lost or restored: the client either enters a room or forgets it. */

import { setImmediate } from 'node:timers/promises';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isReady, isRoomEvent } from '../support/events.ts';
import { Signal } from '../support/signal.ts';
import { connectClient, type Frame, type Tampering, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const bye = { push: 'bye', error: { code: 'stopping', message: 'stopping' } };

test.each(['since-join', 'all'] as const)(
  'forgets a join that never reached the server, without an event (history %s)',
  async (history) => {
    await using network = await TestNetwork.start();
    const alice = await connectClient(network, 'alice');
    await alice.client.createRoom('lobby', { join: 'open', history });
    const tampering = {
      inject: (_: Frame) => {},
      out(frame: Frame) {
        if ((frame['entry'] as Frame | undefined)?.['type'] !== 'join') return frame;
        queueMicrotask(() => tampering.inject(bye));
        return null;
      },
    };
    const denied = new Signal();
    const bob = await connectClient(network, 'bob', {
      ...tampering,
      in(frame) {
        if (frame['error'] !== undefined) denied.raise();
        return [frame];
      },
    });
    tampering.inject = bob.inject;
    let logins = 0;
    bob.client.subscribe((event) => {
      if (event.kind === 'connection' && event.status === 'online') logins += 1;
    });
    expect(await rejectedCode(bob.client.joinRoom('lobby'))).toBe('unreachable');
    expect(bob.client.rooms()).toHaveLength(1);
    await denied.raised;
    await setImmediate();
    expect([logins, bob.client.rooms()]).toEqual([1, []]);
    expect(bob.events.filter(({ kind }) => kind === 'trouble')).toEqual([]);
  },
);

test('enters a room that is created during a login', async () => {
  await using network = await TestNetwork.start();
  let held: Frame | null = null;
  const release = async () => {
    // The client subscribes to its rooms now. The server does not know this room yet.
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    if (held !== null) alice.forward(held);
  };
  const alice = await connectClient(network, 'alice', {
    out(frame) {
      if (frame['op'] !== 'create-room') return frame;
      held = frame;
      return null;
    },
    in(frame) {
      if ((frame['ok'] as Frame | undefined)?.['prekeys'] !== undefined) void release();
      return [frame];
    },
  });
  const created = new Promise<unknown>((resolve) => {
    alice.client.subscribe((event) => {
      if (event.kind === 'connection' && event.status === 'online') resolve(alice.client.createRoom('lobby'));
    });
  });
  alice.inject(bye);
  await created;
  await alice.client.send('lobby', 'here');
  expect(alice.texts('lobby')).toEqual(['here']);
});

/**
 * Keeps the second look-up of a join from the server until `release`: it names the end of the log. By then the client has the room. The
 * look-up with which it answers an invitation may come before or after.
 */
function heldLookUp(rooms: () => readonly unknown[]) {
  const reached = new Signal();
  const held: Frame[] = [];
  let isReleased = false;
  return {
    reached,
    out(frame: Frame): Frame | null {
      if (frame['op'] !== 'find-room' || isReleased || rooms().length === 0) return frame;
      held.push(frame);
      reached.raise();
      return null;
    },
    release(client: { forward(frame: Frame): void }): void {
      isReleased = true;
      for (const frame of held) client.forward(frame);
    },
  };
}

test('does not join another room that has got the name between the look-up and the join', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  const before = await alice.client.createRoom('lobby');
  const lookUp = heldLookUp(() => bob.client.rooms());
  const bob = await connectClient(network, 'bob', lookUp);
  const joining = rejectedCode(bob.client.joinRoom('lobby'));
  await lookUp.reached.raised;
  await alice.client.leaveRoom('lobby');
  const after = await alice.client.createRoom('lobby');
  expect(after.roomId).not.toBe(before.roomId);
  lookUp.release(bob);
  expect(await joining).toBe('room-replaced');
  expect([bob.client.rooms(), alice.client.room('lobby')?.members.map(({ user }) => user)]).toEqual([[], ['alice']]);

  expect((await bob.client.joinRoom('lobby')).roomId).toBe(after.roomId);
});

/** Lets bob, who is invited, begin to join alice's lobby, up to his held look-up. */
async function invitedJoin(network: TestNetwork) {
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('lobby');
  const lookUp = heldLookUp(() => bob.client.rooms());
  const bob: TestClient = await connectClient(network, 'bob', lookUp);
  await alice.client.invite('lobby', 'bob');
  await alice.client.send('lobby', 'for those who are invited');
  const joining = bob.client.joinRoom('lobby');
  await lookUp.reached.raised;
  return { alice, bob, lookUp, joining };
}

/** Withdraws the invitation of bob, and makes another one after a message. */
async function replaceInvitation({ client }: TestClient): Promise<void> {
  await client.removeMember('lobby', 'bob');
  await client.send('lobby', 'for members');
  await client.invite('lobby', 'bob');
  await client.send('lobby', 'under the new one');
}

test('accuses no honest server of withholding what was said under an invitation that ends between the look-up and the join', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob, lookUp, joining } = await invitedJoin(network);
  await alice.client.removeMember('lobby', 'bob');
  await alice.client.send('lobby', 'for members');
  lookUp.release(bob);
  await joining;
  // Alice may write before she has made a key that bob gets.
  await bob.event(isReady);
  await alice.client.send('lobby', 'hello');
  await bob.event(isRoomEvent('message'));
  expect([bob.texts('lobby'), bob.events.filter(isRoomEvent('violation'))]).toEqual([['hello'], []]);
});

test('accuses no honest server when another invitation has taken the place of the first between the look-up and the join', async () => {
  await using network = await TestNetwork.start();
  const { alice, bob, lookUp, joining } = await invitedJoin(network);
  await replaceInvitation(alice);
  lookUp.release(bob);
  await joining;
  await bob.event(isRoomEvent('message'));
  expect([bob.texts('lobby'), bob.events.filter(isRoomEvent('violation'))]).toEqual([['under the new one'], []]);
});

test('accuses no honest server when another invitation has taken the place of the first before the join arrives', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('lobby');
  const joins: Frame[] = [];
  const reached = new Signal();
  const bob = await connectClient(network, 'bob', {
    out(frame) {
      if ((frame['entry'] as Frame | undefined)?.['type'] !== 'join' || joins.push(frame) > 1) return frame;
      reached.raise();
      return null;
    },
  });
  await alice.client.invite('lobby', 'bob');
  await alice.client.send('lobby', 'for those who are invited');
  const joining = bob.client.joinRoom('lobby');
  await reached.raised;
  await replaceInvitation(alice);
  bob.forward(joins[0] as Frame);
  await joining;
  await bob.event(isRoomEvent('message'));
  expect(joins).toHaveLength(2);
  expect([bob.texts('lobby'), bob.events.filter(isRoomEvent('violation'))]).toEqual([['under the new one'], []]);
});

test.each(['none', 'a later one'])(
  'accuses a server that reports %s in place of the invitation that the join uses up',
  async (lie) => {
    await using network = await TestNetwork.start();
    const alice = await connectClient(network, 'alice');
    await alice.client.createRoom('lobby');
    const bob = await connectClient(network, 'bob', {
      in(frame) {
        const found = frame['ok'] as Frame | undefined;
        // The first look-up is true: the lie is in the one whose end of the log the join names.
        if (typeof found?.['invitedAt'] !== 'number' || bob.client.rooms().length === 0) return [frame];
        return [{ ...frame, ok: { ...found, invitedAt: lie === 'none' ? null : found['head'] } }];
      },
    });
    await alice.client.invite('lobby', 'bob');
    await alice.client.send('lobby', 'for those who are invited');
    await bob.client.joinRoom('lobby');
    const breaches = bob.events.filter(isRoomEvent('violation'));
    expect(breaches).toMatchObject([{ event: { code: 'withheld', user: null } }]);
  },
);

/** Keeps the room's log from the client until `release`, and the news that it has all of it for ever. */
function withheld(until: (entry: Frame) => boolean, begun = new Signal()): Tampering {
  const held: Frame[] = [];
  return {
    in(frame) {
      if (frame['push'] === 'caught-up') return [];
      if (frame['push'] !== 'entry') return [frame];
      held.push(frame);
      begun.raise();
      return until(frame['entry'] as Frame) ? held.splice(0) : [];
    },
  };
}

test('ends with `removed` when the log shows the join and the removal together', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('lobby');
  const bob = await connectClient(
    network,
    'bob',
    withheld(({ type }) => type === 'remove'),
  );
  const joining = rejectedCode(bob.client.joinRoom('lobby'));
  await alice.event(isRoomEvent('joined'));
  await alice.client.removeMember('lobby', 'bob');
  expect(await joining).toBe('removed');
});

test('ends with `room-deleted` when the room is deleted before the log shows the join', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  const { roomId } = await alice.client.createRoom('lobby');
  const begun = new Signal();
  const bob = await connectClient(
    network,
    'bob',
    withheld(() => false, begun),
  );
  const joining = rejectedCode(bob.client.joinRoom('lobby'));
  await begun.raised;
  await setImmediate();
  bob.inject({ push: 'room-deleted', room: roomId });
  expect(await joining).toBe('room-deleted');
});

test('forgets a room whose invitation ends between the look-up and the join', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice');
  await alice.client.createRoom('den', { join: 'invite', history: 'since-join' });
  const lookUp = heldLookUp(() => bob.client.rooms());
  const bob = await connectClient(network, 'bob', lookUp);
  await alice.client.invite('den', 'bob');
  const joining = rejectedCode(bob.client.joinRoom('den'));
  await lookUp.reached.raised;
  await alice.client.removeMember('den', 'bob');
  lookUp.release(bob);
  expect(await joining).toBe('not-invited');
  expect(bob.client.rooms()).toEqual([]);
});
