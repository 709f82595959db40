/** A state that another version wrote, or that is damaged, is reported and left as it is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyRoom } from '@chat/room';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { createSealedFile, openSealedFile } from '../../src/node/sealed-file.ts';
import { emptyStored, parseStored, type Stored } from '../../src/storage/stored-state.ts';

let folder: string;

beforeEach(async () => {
  folder = temporaryFolder().path;
});

const secret = new Uint8Array(32).fill(7);
const prekey = { publicKey: 'AAAA', seed: 'AAAA', madeAt: 1, since: 1 };

test('reads what this version stores', () => {
  const stored: Stored = {
    ...emptyStored,
    pins: { bob: { fingerprint: '0'.repeat(64), verified: true } },
    prekeys: [prekey, prekey],
    seenPrekeys: { ['0'.repeat(64)]: { id: '0'.repeat(32), madeAt: 1 } },
    links: {
      senders: { ['0'.repeat(64)]: { link: { id: 'AAAA' }, openedAt: 1 } },
      recipients: [{ from: '0'.repeat(64), id: 'AAAA', prekey: '00', link: null, seenAt: 1 }],
      unconfirmed: [{ room: '1'.repeat(64), from: 1, to: 2 }],
    },
    knocked: { ['1'.repeat(64)]: 'lobby' },
  };
  expect(parseStored(JSON.stringify(stored))).toEqual(stored);
});

test('takes the latest messages over that an earlier version kept in each room', () => {
  const [red, blue] = ['1'.repeat(64), '2'.repeat(64)];
  const who = { user: 'bob', fingerprint: '0'.repeat(64) };
  const recent = [1, 2].map((seq) => ({ seq, text: `text ${seq}`, at: seq * 1000, ...who }));
  const { messages: _, ...earlier } = emptyStored;
  const room = (roomId: string) => ({ name: 'lobby', state: emptyRoom(roomId, who.fingerprint), outbox: [] });
  const rooms = { [red]: { ...room(red), recent }, [blue]: { ...room(blue), recent: [] } };
  const read = parseStored(JSON.stringify({ ...earlier, rooms }));
  if (typeof read === 'string') throw new Error(`the state is ${read}`);
  expect(read.messages?.tail).toMatchObject(recent.map((message) => ({ ...message, stream: 1, readAt: message.at })));
  expect(read.messages?.rooms).toEqual({ [red]: { stream: 1 } });
  expect(read.rooms[red]?.latest).toEqual({ seq: 2, at: 2000 });
  expect(JSON.stringify(read.rooms)).not.toContain('text 1');
});

test('erases the prekeys of elliptic curves alone, and keeps the order in which prekeys were made', () => {
  const earlier = {
    ...emptyStored,
    prekeys: [{ publicKey: 'AAAA', privateKey: 'AAAA', madeAt: 7, since: 1 }],
    seenPrekeys: { ['0'.repeat(64)]: { prekey: 'AAAA', madeAt: 5 } },
  };
  const read = parseStored(JSON.stringify(earlier));
  expect(read).toMatchObject({ prekeys: [], earlierMadeAt: 7 });
  expect(read).toHaveProperty('seenPrekeys', { ['0'.repeat(64)]: { id: null, madeAt: 5 } });
  expect(parseStored(JSON.stringify(read))).toEqual(read);
});

test.each<[string, unknown]>([
  ['no object', 'text'],
  ['a version to come', { ...emptyStored, v: 3 }],
  ['a part that is missing', { ...emptyStored, prekeys: undefined }],
  ['a pin of the old form', { ...emptyStored, pins: { bob: '0'.repeat(64) } }],
  ['more prekeys than are ever kept', { ...emptyStored, prekeys: Array(15).fill(prekey) }],
  ['a room of another version', { ...emptyStored, rooms: { a: { name: 'lobby', state: { v: 1 } } } }],
])('reports as damaged: %s', (_, content) => {
  expect(parseStored(JSON.stringify(content))).toBe('damaged');
});

test('reports a file of an earlier version as outdated, and leaves it as it is', async () => {
  const path = join(folder, 'state.sealed');
  const { vault } = await createSealedFile(path, secret, { ...emptyStored, v: 1 } as unknown as Stored);
  await vault.close();
  const before = await readFile(path);
  expect(await rejectedCode(openSealedFile(path, { secret, password: '' }))).toBe('profile-outdated');
  expect(await readFile(path)).toEqual(before);
});
