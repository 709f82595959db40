/** A room that the operator deletes while the server runs: its followers learn it at once, the others at their next request. */
import { emptyLogHash } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { create, join, message, newCid } from '../support/entries.ts';
import { RestoredRoom } from '../support/restored-room.ts';
import { outcomeOf } from '../support/test-client.ts';

let den: RestoredRoom;
beforeEach(async () => {
  den = await RestoredRoom.start();
});
afterEach(() => den[Symbol.asyncDispose]());

const remove = () => den.at.server.deleteRoom(den.id);

test('informs the members who follow the room, and ends their subscriptions', async () => {
  await den.alice.client.request('subscribe', { room: den.id, after: 0 });
  await den.alice.client.first('caught-up');
  expect(await remove()).toBe(true);
  expect(await den.alice.client.first('room-deleted')).toEqual({ push: 'room-deleted', room: den.id });
  expect(den.bob.client.all('room-deleted')).toEqual([]);
  expect(await remove()).toBe(false);
  await den.alice.client.request('ping', {});
  expect(den.alice.client.all('room-deleted')).toHaveLength(1);
});

test('ends the subscriptions: another room takes their place', async () => {
  await den.restart(() => {}, { limits: { subscriptions: 1 } });
  const { client, who } = den.alice;
  const { entry, room } = create(who, 'attic');
  await client.request('create-room', { cid: newCid(), entry });
  await client.request('subscribe', { room: den.id, after: 0 });
  await client.first('caught-up');
  expect(await outcomeOf(client.request('subscribe', { room, after: 0 }))).toBe('limit-reached');
  await remove();
  expect(await outcomeOf(client.request('subscribe', { room, after: 0 }))).toBe('ok');
});

test('refuses every request about it with one code, also after a restart, and its name is free', async () => {
  const read = await den.entriesOf(den.alice.client, 3);
  await remove();
  for (let round = 0; round < 2; round++) {
    const { client, who } = den.alice;
    expect(await outcomeOf(client.request('subscribe', { room: den.id, after: 3 }))).toBe('room-deleted');
    expect(await outcomeOf(den.append(den.bob, message(den.bob.who, den.id, 1)))).toBe('room-deleted');
    expect(await outcomeOf(den.append(den.bob, join(den.bob.who, den.id, 3)))).toBe('room-deleted');
    expect(await outcomeOf(client.request('list-knocks', { room: den.id }))).toBe('room-deleted');
    const first = read.slice(0, 1).map(({ entry }) => entry);
    for (const entry of first) {
      expect(await outcomeOf(client.request('create-room', { cid: newCid(), entry }))).toBe('entry-refused');
    }
    const start = { seq: 0, hash: emptyLogHash(den.id) };
    expect(await outcomeOf(den.give(den.alice, start, read))).toBe('room-deleted');
    expect(await outcomeOf(client.request('find-room', { name: 'den' }))).toBe('unknown-room');
    if (round === 1) {
      await client.request('create-room', { cid: newCid(), entry: create(who, 'den').entry });
      expect(await client.request('find-room', { name: 'den' })).toMatchObject({ head: 1 });
    }
    await den.restart();
  }
});

test('follows the entries that were sent before, and no entry follows it', async () => {
  const outcomes = [
    outcomeOf(den.append(den.bob, den.signedMessage(den.bob, 3))),
    remove(),
    outcomeOf(den.append(den.alice, den.signedMessage(den.alice, 3, 'bGF0ZXI'))),
  ];
  const [first, deleted, last] = await Promise.all(outcomes);
  expect(deleted).toBe(true);
  for (const outcome of [first, last]) expect(['ok', 'room-deleted']).toContain(outcome);
  expect(den.disk.rooms.has(den.id)).toBe(false);
  expect(den.log).toEqual([]);
  expect(await outcomeOf(den.append(den.bob, den.signedMessage(den.bob, 3)))).toBe('room-deleted');
});

test('reaches a member who subscribes at the same moment', async () => {
  const subscribed = outcomeOf(den.alice.client.request('subscribe', { room: den.id, after: 0 }));
  await Promise.all([subscribed, remove()]);
  const outcome = await subscribed;
  if (outcome === 'ok') await den.alice.client.first('room-deleted');
  else expect(outcome).toBe('room-deleted');
});
