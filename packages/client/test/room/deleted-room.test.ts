/** A room that the server's operator deletes: the client says so once, gives back what waits, and asks for it no more. */
import { setImmediate } from 'node:timers/promises';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { isKind } from '../support/events.ts';
import { textsIn } from '../support/kept-texts.ts';
import { lobbyOf, type Tampering } from '../support/test-client.ts';
import { TestNetwork } from '../support/test-network.ts';

const roomIdOf = (client: { room(name: string): { readonly roomId: string } | null }) =>
  client.room('lobby')?.roomId ?? '';

test('ends at once for a member who follows it: what waits is given back, and what was read stays readable', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  await alice.client.send('lobby', 'before');
  await bob.read('before');
  await network.server.deleteRoom(roomIdOf(alice.client));
  for (const each of [alice, bob]) {
    expect(await each.event(isKind('room-deleted'))).toMatchObject({ roomName: 'lobby' });
    expect(await textsIn(each.client, 'lobby')).toEqual(['before']);
    expect(await rejectedCode(each.client.send('lobby', 'after'))).toBe('room-deleted');
    expect(await rejectedCode(each.client.createRoom('lobby'))).toBe('room-deleted');
    expect(await rejectedCode(each.client.joinRoom('lobby'))).toBe('room-deleted');
    expect(each.events.filter(({ kind }) => kind === 'trouble')).toEqual([]);
  }
  await alice.client.leaveRoom('lobby');
  expect(alice.client.room('lobby')).toBeNull();
  await alice.client.createRoom('lobby');
  await bob.client.leaveRoom('lobby');
  await bob.client.joinRoom('lobby');
  await bob.event(() => bob.client.room('lobby')?.hasKey === true);
  await alice.client.send('lobby', 'another room');
  await bob.read('another room');
});

test('ends at the next connection for a member who was away, who gets the text of the outbox back and asks no more', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const roomId = roomIdOf(alice.client);
  let sent: Promise<unknown> = Promise.resolve();
  await network.restart(async () => {
    await bob.event((event) => event.kind === 'connection' && event.status === 'offline');
    sent = bob.client.send('lobby', 'written offline').catch((error: unknown) => error);
    while (bob.stored()?.rooms[roomId]?.outbox.length !== 1) await setImmediate();
    await bob.client.close();
  });
  await network.server.deleteRoom(roomId);
  await sent;
  const subscriptions: unknown[] = [];
  const counting: Tampering = {
    out(frame) {
      if (frame['op'] === 'subscribe' || frame['op'] === 'restore-entries') subscriptions.push(frame['op']);
      return frame;
    },
  };
  const back = await bob.restart(counting);
  await back.event(isKind('room-deleted'));
  expect(await back.event(isKind('undelivered'))).toMatchObject({ text: 'written offline', code: 'room-deleted' });
  expect(back.client.room('lobby')?.unsent).toBe(0);
  await back.client.listRooms();
  expect(subscriptions).toEqual(['subscribe']);
  expect(back.events.filter(isKind('room-deleted'))).toHaveLength(1);
  expect(back.events.filter(isKind('trouble'))).toEqual([]);
});
