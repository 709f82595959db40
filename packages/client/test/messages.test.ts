/** The messages that a client keeps: over a kill at any moment, and of the rooms that it has. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listProfiles } from '../src/node/index.ts';
import { isReady } from './support/events.ts';
import { textsIn } from './support/kept-texts.ts';
import { lobbyOf } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';
import { textsOnDisk } from './support/texts-on-disk.ts';

test('has each message once after a kill, those that were not stored too, and finds them', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  const texts = Array.from({ length: 150 }, (_, index) => `text number${index}`);
  for (const text of texts.slice(0, 100)) void alice.client.send('lobby', text);
  await bob.read('text number99');
  const second = await bob.restart();
  for (const text of texts.slice(100)) void alice.client.send('lobby', text);
  await second.read('text number149');
  const third = await second.restart();
  await third.event(({ kind }) => kind === 'caught-up');
  expect(await third.client.messages.page('lobby', { limit: 1000 })).toMatchObject(texts.map((text) => ({ text })));
  const { hits, next } = await third.client.messages.search({ words: 'number1*', roomName: 'lobby', limit: 10 });
  expect([hits[0]?.text, hits[0]?.roomName, hits.length, next === null]).toEqual([
    'text number149',
    'lobby',
    10,
    false,
  ]);
  const rest = await third.client.messages.search({ words: 'number1*', after: next ?? undefined, limit: 1000 });
  expect([rest.hits.length, rest.next]).toEqual([51, null]);
});

test('erases the messages of a room that the user leaves, and keeps nothing of one if the user wants that', async () => {
  await using network = await TestNetwork.start();
  const [alice, bob] = await lobbyOf(network, 'alice', 'bob');
  bob.client.messages.setRetention('nothing', 'lobby');
  for (const text of ['one', 'two']) await alice.client.send('lobby', text);
  await bob.read('two');
  expect([await textsIn(alice.client, 'lobby'), await textsIn(bob.client, 'lobby')]).toEqual([['one', 'two'], []]);
  await alice.client.leaveRoom('lobby');
  expect((await alice.client.messages.search({ words: 'one' })).hits).toEqual([]);
  expect(JSON.stringify(alice.stored()?.messages)).not.toContain('one');
});

describe('on the disk', () => {
  /** Bob, whose profile has forty messages of each of two rooms, in files that have both. */
  async function withTwoRooms(network: TestNetwork) {
    const [alice] = await lobbyOf(network, 'alice');
    await alice.client.createRoom('attic');
    const bob = await network.enrol('bob');
    for (const room of ['lobby', 'attic']) {
      await bob.client.joinRoom(room);
      await bob.event((event) => event.kind === 'ready' && event.roomName === room);
    }
    const last: Promise<unknown>[] = [];
    for (let index = 0; index < 40; index++) {
      for (const [room, word] of [
        ['lobby', 'harmless'],
        ['attic', 'confidential'],
      ] as const) {
        last.push(alice.client.send(room, `${word} ${index}`));
      }
    }
    await Promise.all(last);
    for (const word of ['harmless', 'confidential']) await bob.read(`${word} 39`);
    // A flush comes with a save, and the last one may have begun before the last message.
    await bob.client.trust('alice', alice.client.fingerprint);
    const { texts, others } = await textsOnDisk(network, 'bob');
    expect([texts.length, others]).toEqual([80, []]);
    return bob;
  }
  /** Returns the folder of the only profile. */
  const folderOf = async ({ home }: TestNetwork) => (await listProfiles(home))[0]?.directory ?? '';
  const count = (texts: readonly string[], word: string) => texts.filter((text) => text.startsWith(word)).length;

  test('nothing is left of a room once its leave has resolved', async () => {
    await using network = await TestNetwork.start();
    const bob = await withTwoRooms(network);
    await bob.client.leaveRoom('attic');
    const { texts, others } = await textsOnDisk(network, 'bob');
    expect([count(texts, 'harmless'), count(texts, 'confidential'), others]).toEqual([40, 0, []]);
  });

  test('nothing is left of what a rule does not keep, once it has settled', async () => {
    await using network = await TestNetwork.start();
    const bob = await withTwoRooms(network);
    bob.client.messages.setRetention({ messages: 10 }, 'attic');
    await bob.client.messages.settled();
    const { texts, others } = await textsOnDisk(network, 'bob');
    expect([count(texts, 'harmless'), count(texts, 'confidential'), others]).toEqual([40, 10, []]);
    expect(texts).toContain('confidential 39');
  });

  test('nothing is left of what is erased just before the client is closed', async () => {
    await using network = await TestNetwork.start();
    const bob = await withTwoRooms(network);
    bob.client.messages.setRetention('nothing', 'attic');
    await bob.client.close();
    const { texts, others } = await textsOnDisk(network, 'bob');
    expect([count(texts, 'harmless'), count(texts, 'confidential'), others]).toEqual([40, 0, []]);
  });

  test('the state has what the folder of the messages does not take, and says so', async () => {
    await using network = await TestNetwork.start();
    const [alice] = await lobbyOf(network, 'alice');
    const bob = await network.enrol('bob');
    await writeFile(join(await folderOf(network), 'messages'), '');
    await bob.client.joinRoom('lobby');
    await bob.event(isReady);
    const texts = Array.from({ length: 70 }, (_, index) => `text ${index}`);
    await Promise.all(texts.map((text) => alice.client.send('lobby', text)));
    await bob.read('text 69');
    await bob.event((event) => event.kind === 'trouble' && event.code === 'messages-not-written');
    expect(bob.events).not.toContainEqual(expect.objectContaining({ code: 'not-stored' }));
    await bob.client.close();
    const again = await network.opened('bob');
    expect(await again.client.messages.page('lobby', { limit: 1000 })).toMatchObject(texts.map((text) => ({ text })));
  });

  test('a client knows that messages are missing, whenever it has found that out', async () => {
    await using network = await TestNetwork.start();
    const bob = await withTwoRooms(network);
    await bob.client.close();
    const folder = join(await folderOf(network), 'messages');
    for (const name of await readdir(folder)) await rm(join(folder, name));
    const again = await network.opened('bob');
    expect(again.client.messages.areDamaged).toBe(false);
    expect((await again.client.messages.page('lobby', { limit: 1000 })).length).toBeLessThan(40);
    expect(again.client.messages.areDamaged).toBe(true);
  });
});
