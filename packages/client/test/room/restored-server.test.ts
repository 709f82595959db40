/** A server whose rooms were restored from a backup: its members give back what it has lost, and go on. */
import type { SignedEntry } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isKind, isReady, isRoomEvent } from '../support/events.ts';
import { connectClient, type Frame, joined, lobbyOf, type TestClient } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const violations = ({ events }: TestClient) => events.filter(isRoomEvent('violation'));

/** Restores the rooms from a copy while the server is down. */
async function restoreFrom(network: TestNetwork, backup: ReturnType<TestNetwork['backup']>): Promise<void> {
  await network.restart(async () => network.restore(backup));
}

test('gets its entries back from its members, also a join, a removal and keys, and all go on', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob, dave] = await lobbyOf(network, 'alice', 'bob', 'dave');
  await alice.client.send('lobby', 'before the backup');
  await Promise.all([bob, dave].map((member) => member.read('before the backup')));
  const backup = network.backup();

  for (let count = 1; count <= 40; count++) await bob.client.send('lobby', `lost ${count}`);
  const carol = await joined(network, 'carol', 'lobby', {}, { speed: 10 });
  await alice.client.removeMember('lobby', 'dave');
  await carol.client.send('lobby', 'after the removal');
  await Promise.all([alice, bob, carol].map((member) => member.read('after the removal')));

  await restoreFrom(network, backup);
  await alice.client.send('lobby', 'we go on');
  await bob.read('we go on');
  await carol.read('we go on');
  await carol.client.send('lobby', 'all of us');
  await Promise.all([alice, bob].map((member) => member.read('all of us')));

  expect([alice, bob, carol].flatMap(violations)).toEqual([]);
  expect(alice.texts('lobby')).toEqual(bob.texts('lobby'));
  expect(new Set(alice.texts('lobby')).size).toBe(44);
  expect(alice.client.room('lobby')?.members.map(({ user }) => user)).toEqual(['alice', 'bob', 'carol']);
  // The first one to connect finds the log of the backup; the other may find a longer one, or the whole.
  const foundBehind = [alice, bob].flatMap(({ events }) => events.filter(isKind('server-behind')));
  expect(foundBehind).toContainEqual(expect.objectContaining({ roomName: 'lobby', head: 7 }));
  // Also those who came when another member had given everything back, and each once.
  for (const member of [alice, bob, carol]) {
    const told = await member.event(isKind('restored'));
    expect(told).toMatchObject({ kind: 'restored', roomName: 'lobby', first: 8, last: 52 });
    expect(member.events.filter(isKind('restored'))).toHaveLength(1);
  }
});

test('gets back a room that was created after the backup', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice', {}, { speed: 10 });
  const backup = network.backup();
  await alice.client.createRoom('lobby');
  const bob = await joined(network, 'bob', 'lobby', {}, { speed: 10 });
  await bob.client.send('lobby', 'hello');
  await alice.read('hello');

  await restoreFrom(network, backup);
  await alice.client.send('lobby', 'we go on');
  await bob.read('we go on');
  expect([alice, bob].flatMap(violations)).toEqual([]);
});

test('reports a log that stays shorter because no member has kept the rest, and lets the user leave', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const backup = network.backup();
  await alice.client.send('lobby', 'kept by alice only');
  await bob.read('kept by alice only');
  await alice.client.close();
  await bob.client.close();
  await restoreFrom(network, backup);
  // In these tests a client that is started again has its state, and not its archive.
  const forgetful = await bob.restart();
  await forgetful.event(isRoomEvent('violation'));
  expect(violations(forgetful)).toMatchObject([{ event: { code: 'truncated' } }]);
  expect(forgetful.events.some(isKind('restored'))).toBe(false);
  // It can leave nevertheless.
  await forgetful.client.leaveRoom('lobby');
  expect(forgetful.client.rooms()).toEqual([]);
  expect(forgetful.events).toContainEqual(expect.objectContaining({ kind: 'trouble', code: 'left-here-only' }));
});

test('shows another log when members went on writing on the shorter one, and the room can be left and joined again', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  await bob.client.close();
  const backup = network.backup();
  for (const text of ['one', 'two']) await alice.client.send('lobby', text);
  await alice.client.close();
  await restoreFrom(network, backup);
  const late = await bob.restart();
  for (const text of ['eins', 'zwei', 'drei']) await late.client.send('lobby', text);

  const deceived = await alice.restart();
  await deceived.event(isKind('other-log'));
  expect(deceived.texts('lobby')).toEqual([]);
  expect(violations(deceived)).toEqual([]);
  await deceived.client.leaveRoom('lobby');
  await deceived.client.joinRoom('lobby');
  await deceived.event(isReady);
  await deceived.client.send('lobby', 'here again');
  await late.read('here again');
  expect(violations(late)).toEqual([]);
});

test('lets a member of another log leave and be invited again, in a room by invitation', async () => {
  await using network = await TestNetwork.start();
  const alice = await connectClient(network, 'alice', {}, { speed: 10 });
  const bob = await connectClient(network, 'bob', {}, { speed: 10 });
  await alice.client.createRoom('den', { join: 'invite', history: 'since-join' });
  await alice.client.invite('den', 'bob');
  await bob.client.joinRoom('den');
  await bob.event(isReady);
  await bob.client.close();
  const backup = network.backup();
  await alice.client.send('den', 'one');
  await alice.client.close();
  await restoreFrom(network, backup);
  const late = await bob.restart();
  await late.client.send('den', 'eins');
  const deceived = await alice.restart();
  await deceived.event(isKind('other-log'));
  await deceived.client.leaveRoom('den');
  expect(await rejectedCode(deceived.client.joinRoom('den'))).toBe('not-invited');
  await deceived.client.knock('den');
  await late.event(isKind('knock'));
  await late.client.invite('den', 'alice');
  await deceived.event(isReady);
  await deceived.client.send('den', 'here again');
  await late.read('here again');
  expect(deceived.client.room('den')?.members.map(({ user }) => user)).toEqual(['bob', 'alice']);
  expect([late, deceived].flatMap(violations)).toEqual([]);
});

test('hides nothing by a caught-up before the end: the client compares the log', async () => {
  await using network = await TestNetwork.start();
  const [alice] = await lobbyOf(network, 'alice');
  const lie = { on: false };
  const tampering = {
    in: (frame: Frame): readonly Frame[] =>
      lie.on && frame['push'] === 'caught-up' ? [{ ...frame, head: Number(frame['head']) - 1 }] : [frame],
  };
  const bob = await joined(network, 'bob', 'lobby', tampering);
  lie.on = true;
  await network.restart();
  await bob.event(isKind('server-behind'));
  await bob.client.send('lobby', 'on the same log');
  await alice.read('on the same log');
});

test('does not let a member give back an entry that another one did not sign', async () => {
  await using network = await TestNetwork.start();
  const forging = { on: false };
  const tampering = {
    out(frame: Frame): Frame {
      const entries = frame['entries'] as { at: number; entry: SignedEntry }[] | undefined;
      if (!forging.on || entries === undefined) return frame;
      return { ...frame, entries: entries.map((each) => ({ ...each, entry: { ...each.entry, by: 'f'.repeat(64) } })) };
    },
  };
  const alice = await connectClient(network, 'alice', tampering);
  await alice.client.createRoom('lobby');
  const backup = network.backup();
  await alice.client.send('lobby', 'lost');
  forging.on = true;
  await restoreFrom(network, backup);
  await alice.event((event) => event.kind === 'trouble' && event.code === 'unknown-user');
  const lengths = ({ logs }: typeof backup) => [...logs.values()].map(({ length }) => length);
  expect(lengths(network.backup())).toEqual(lengths(backup));
  // The client offers it again.
  forging.on = false;
  await alice.event(isKind('restored'));
});
