/** Which room a name stands for, rules for rooms that there are not, and what is no word. */
import { randomBytes } from 'node:crypto';
import { createMemoryFiles, emptyMessages, MessageStore } from '@chat/message-store';
import { rejectedCode, thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { ClientMessages } from '../../src/messages/client-messages.ts';

const message = (seq: number, text: string) => ({
  seq,
  user: 'alice',
  fingerprint: 'a'.repeat(64),
  text,
  at: seq * 1000,
});

/** Messages of two rooms with one name, and of a third. */
function setUp() {
  const store = new MessageStore({
    files: createMemoryFiles(),
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    turn: async () => undefined,
    now: () => 1_000_000,
    changed: () => undefined,
    damaged: () => undefined,
    stored: emptyMessages,
  });
  store.add('shown', [message(1, 'shown one'), message(2, 'shown two')]);
  store.add('hidden', [message(1, 'hidden one'), message(2, 'hidden two')]);
  store.add('other', [message(1, 'other one')]);
  const rooms = [
    { roomId: 'shown', roomName: 'lobby' },
    { roomId: 'hidden', roomName: 'lobby' },
    { roomId: 'other', roomName: 'attic' },
  ];
  let areDamaged = false;
  let erasures = 0;
  const messages = new ClientMessages({
    ...{ store, rooms: () => rooms, areDamaged: () => areDamaged },
    active: () => expect.unreachable(),
    sent: () => null,
    erased: async () => {
      erasures += 1;
      await store.tend();
    },
  });
  const damage = () => {
    areDamaged = true;
  };
  return { store, messages, damage, erasures: () => erasures };
}

test('shows the message that an answer names by hash and position, and none if one of them is not right', async () => {
  const { store, messages } = setUp();
  const [hash, other] = ['1'.repeat(64), '2'.repeat(64)];
  store.add('other', [
    { ...message(2, 'asked'), hash },
    { ...message(3, 'right'), replyTo: { seq: 2, hash } },
    { ...message(4, 'another position'), replyTo: { seq: 1, hash } },
    { ...message(5, 'another hash'), replyTo: { seq: 2, hash: other } },
  ]);
  const quoted = (await messages.page('attic', { after: 2 })).map(({ replyTo }) => replyTo?.text);
  expect(quoted).toEqual(['asked', undefined, undefined]);
  expect((await messages.page('attic')).map(({ replyTo }) => replyTo?.text).slice(-3)).toEqual(quoted);
});

test('reads, searches and keeps under a name what is of the room that the client shows, and nothing of another one', async () => {
  const { store, messages } = setUp();
  const texts = (found: readonly { readonly text: string }[]) => found.map(({ text }) => text);
  expect(texts(await messages.page('lobby'))).toEqual(['shown one', 'shown two']);
  expect(texts((await messages.search({ words: 'one', roomName: 'lobby' })).hits)).toEqual(['shown one']);
  messages.setRetention('nothing', 'lobby');
  expect([messages.retention('lobby'), messages.hasOwnRetention('lobby')]).toEqual(['nothing', true]);
  expect([store.retentionOf('hidden'), store.hasOwnRetention('hidden')]).toEqual(['all', false]);
  await messages.settled();
  expect(await messages.page('lobby')).toEqual([]);
  // A search without a name finds the other room too, and its hits lead into that room.
  const { hits } = await messages.search({ words: 'one' });
  expect(hits.map(({ roomId, roomName }) => `${roomId} ${roomName}`).sort()).toEqual(['hidden lobby', 'other attic']);
  const hit = hits.find(({ roomId }) => roomId === 'hidden');
  expect(hit && texts(await messages.around(hit))).toEqual(['hidden one', 'hidden two']);
});

test('refuses to answer for a room that the client does not have', async () => {
  const { store, messages } = setUp();
  messages.setRetention({ days: 7 });
  for (const ask of [
    () => messages.retention('cellar'),
    () => messages.hasOwnRetention('cellar'),
    () => messages.setRetention('nothing', 'cellar'),
  ])
    expect(thrownCode(ask)).toBe('not-joined');
  expect(await rejectedCode(messages.search({ words: 'one', roomName: 'cellar' }))).toBe('not-joined');
  expect(store.retentionOf()).toEqual({ days: 7 });
});

test('refuses to look for what is no word, and finds all messages of an author without words', async () => {
  const { messages } = setUp();
  for (const words of ['', '  ', '?!', '"…" *', '🎉'])
    expect(await rejectedCode(messages.search({ words }))).toBe('no-words');
  expect(await rejectedCode(messages.search({ words: '?!', user: 'alice' }))).toBe('no-words');
  expect((await messages.search({ words: ' ', user: 'alice' })).hits).toHaveLength(5);
  expect((await messages.search({ words: '', user: 'bob' })).hits).toEqual([]);
});

test('returns a message with those around it, and nothing around one that is not kept', async () => {
  const { store, messages } = setUp();
  store.add(
    'other',
    [2, 3, 5, 6, 7].map((seq) => message(seq, `other ${seq}`)),
  );
  await store.flush();
  const seqs = async (seq: number, count?: number) =>
    (await messages.around({ roomId: 'other', seq }, count)).map((each) => each.seq);
  expect(await seqs(5)).toEqual([1, 2, 3, 5, 6, 7]);
  expect(await seqs(5, 1)).toEqual([3, 5, 6]);
  expect(await seqs(1, 2)).toEqual([1, 2, 3]);
  expect([await seqs(4), await seqs(8)]).toEqual([[], []]);
});

test('settles with the erasure of the client, and says whether files cannot be read', async () => {
  const { messages, damage, erasures } = setUp();
  messages.setRetention('nothing');
  await messages.settled();
  expect(erasures()).toBe(1);
  expect(messages.areDamaged).toBe(false);
  damage();
  expect(messages.areDamaged).toBe(true);
});
