/** The outbox decides at once which texts it takes, also while the room has no key. */
import { entryHash, limits, ProtocolError, parsePayload } from '@chat/protocol';
import { rejectedCode, thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Outbox } from '../../src/room/outbox/outbox.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const tooLong = 'x'.repeat(limits.messageTextBytes + 1);

let fakeRoom: FakeRoom;
let alice: FakeMember;
let outbox: Outbox;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  outbox = new Outbox(alice.context, roomOf(), { outbox: [] });
});

const roomOf = () => ({
  get state() {
    return alice.state;
  },
  mayAct: true,
  ownMembership: { isRereading: false },
  review: () => undefined,
  undelivered: () => expect.unreachable(),
});

/** The chain of the user's own messages is unknown, as after a message that the user cannot read. */
function forgetOwnChain(): void {
  alice.take({ ...alice.state, authors: alice.state.authors.without(alice.fingerprint) });
}

test('refuses a text that is too long before the room has a key', () => {
  expect(thrownCode(() => outbox.send(tooLong))).toBe('message-too-long');
  expect(outbox.messages).toEqual([]);
});

test('queues a text while neither the key nor the chain of the user’s messages is known', () => {
  forgetOwnChain();
  void outbox.send('hello');
  expect(outbox.messages.map(({ text }) => text)).toEqual(['hello']);
});

test('refuses a text of a user whose chain is unknown once the room has a key', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  forgetOwnChain();
  expect(thrownCode(() => outbox.send('hello'))).toBe('not-a-member');
});

test('tells once that the server does not show what it has acknowledged, whatever position it names', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  fakeRoom.server.answers.append = () => ({ seq: Number.MAX_SAFE_INTEGER, at: 0 });
  void outbox.send('swallowed');
  await fakeRoom.clock.advance(59_999);
  expect(alice.codes()).toEqual([]);
  await fakeRoom.clock.advance(1);
  expect(alice.codes()).toEqual(['not-shown']);
  outbox.reset();
  outbox.flush();
  await fakeRoom.clock.advance(120_000);
  expect([alice.codes(), outbox.messages.length]).toEqual([['not-shown'], 1]);
});

test('lets the room look at its key after each attempt, because the key may have worn out while the machine slept', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  const done: string[] = [];
  const room = Object.defineProperty(roomOf(), 'review', { value: () => done.push('look') });
  const sending = new Outbox(alice.context, room, { outbox: [] });
  const refusal = new ProtocolError('stale-epoch', 'Another epoch came first.');
  fakeRoom.server.answers.append = () => {
    done.push('refuse');
    return Promise.reject(refusal);
  };
  void sending.send('before the sleep');
  await fakeRoom.clock.advance(0);
  expect([done, sending.messages.length]).toEqual([['look', 'refuse', 'look'], 1]);
});

test('holds a message for the key of a user who has just joined, who could not read it under the key before', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  await fakeRoom.enter('carol');
  void outbox.send('hello carol');
  await fakeRoom.clock.advance(4_999);
  expect([outbox.messages.length, fakeRoom.appended(alice).map(({ type }) => type)]).toEqual([1, ['epoch']]);
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  outbox.flush();
  await fakeRoom.clock.advance(0);
  expect(fakeRoom.appended(alice).map(({ type }) => type)).toEqual(['epoch', 'epoch', 'message']);
});

test('sends a message although a new member has no key after a while, and those after it at once', async () => {
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  await fakeRoom.enter('carol');
  void outbox.send('hello all');
  await fakeRoom.clock.advance(5_000);
  const sent = () => fakeRoom.appended(alice).filter(({ type }) => type === 'message');
  const [message] = sent();
  if (message === undefined) return expect.unreachable();
  fakeRoom.log.push(message);
  fakeRoom.read(alice);
  outbox.delivered(entryHash(message), fakeRoom.log.length);
  // Another user joins: a room that users enter without end is not silent.
  await fakeRoom.enter('dave');
  void outbox.send('hello again');
  await fakeRoom.clock.advance(0);
  expect(sent()).toHaveLength(2);
});

test('takes a message that is sent again with its id for the same one, also when it is on the log, and after a restart', async () => {
  const cid = 'ab'.repeat(16);
  await fakeRoom.rekey(alice);
  fakeRoom.read(alice);
  const hashes: string[] = [];
  fakeRoom.server.answers.append = ({ entry }) => {
    hashes.push(entryHash(entry));
    return { seq: 99, at: 0 };
  };
  const sent = [outbox.send('once', { cid }), outbox.send('once', { cid })];
  expect(outbox.messages).toHaveLength(1);
  await fakeRoom.clock.advance(0);
  outbox.delivered(hashes[0] ?? '', 99);
  expect(await Promise.all(sent)).toEqual([{ seq: 99 }, { seq: 99 }]);
  const restarted = new Outbox(alice.context, roomOf(), outbox.stored);
  expect(await restarted.send('once', { cid })).toEqual({ seq: 99 });
  expect([restarted.messages, hashes.length]).toEqual([[], 1]);
  void restarted.send('another', { cid: 'cd'.repeat(16) });
  expect(restarted.messages).toHaveLength(1);
});

test('remembers the messages that may be sent again: the latest 256 of them over a restart', async () => {
  const cidOf = (index: number) => index.toString(16).padStart(32, '0');
  const indices = Array.from({ length: 300 }, (_, index) => index);
  const waiting = indices.map((index) => ({ cid: cidOf(index), text: 'hello', hashes: [`hash ${index}`] }));
  const repeatable = waiting.map((message) => ({ ...message, givenId: message.cid }));
  const full = new Outbox(alice.context, roomOf(), { outbox: repeatable });
  for (const index of indices) full.delivered(`hash ${index}`, index);
  expect(await full.send('hello', { cid: cidOf(0) })).toEqual({ seq: 0 });
  expect(full.stored.delivered).toHaveLength(256);
  const restarted = new Outbox(alice.context, roomOf(), full.stored);
  expect(await restarted.send('hello', { cid: cidOf(299) })).toEqual({ seq: 299 });
  // No other message needs a place in the state.
  const usual = new Outbox(alice.context, roomOf(), { outbox: waiting });
  for (const index of indices) usual.delivered(`hash ${index}`, index);
  expect(usual.stored).toEqual({ outbox: [] });
});

test('says that a message is kept once it is stored', async () => {
  const saves: { readonly done: () => void; readonly failed: (error: Error) => void }[] = [];
  const save = () => new Promise<void>((done, failed) => saves.push({ done, failed }));
  const slow = new Outbox(Object.assign(Object.create(alice.context), { save }), roomOf(), { outbox: [] });
  const kept: string[] = [];
  for (const text of ['first', 'second', 'third']) void slow.send(text, { onKept: () => kept.push(text) });
  await fakeRoom.clock.advance(0);
  expect([kept, saves.length]).toEqual([[], 3]);
  saves[0]?.failed(new Error('The disk is full.'));
  saves[1]?.done();
  await fakeRoom.clock.advance(0);
  expect(kept).toEqual(['second']);
});

test('reports a message that will not be sent if its sender has ended, and else tells the sender', async () => {
  const reported: string[] = [];
  const room = { ...roomOf(), undelivered: ({ text }: { readonly text: string }) => void reported.push(text) };
  const lonely = new Outbox(alice.context, room, { outbox: [] });
  const ending = new AbortController();
  const first = rejectedCode(lonely.send('first', { signal: ending.signal }));
  const second = rejectedCode(lonely.send('second', { signal: new AbortController().signal }));
  ending.abort();
  expect(await first).toBe('closed');
  lonely.giveBack(new ProtocolError('removed', 'removed'));
  expect(await second).toBe('removed');
  expect(reported).toEqual(['first']);
});

test.each(['storage-full', 'limit-reached'])(
  'keeps messages that the server refuses with %s, sends them in order later, and reports both once',
  async (code) => {
    await fakeRoom.rekey(alice);
    fakeRoom.read(alice);
    const reports: unknown[] = [];
    const context = { ...alice.context, emit: (event: { readonly kind: string }) => void reports.push(event) };
    const full = new Outbox(Object.assign(Object.create(alice.context), context), roomOf(), { outbox: [] });
    let refusals = 3;
    const accepted: { readonly cid: string; readonly hash: string }[] = [];
    fakeRoom.server.answers.append = ({ cid, entry }) => {
      if (refusals-- > 0) throw new ProtocolError(code, 'Not now.');
      accepted.push({ cid, hash: entryHash(entry) });
      return { seq: 99 + accepted.length, at: 0 };
    };
    const sent = [full.send('first'), full.send('second')];
    const cids = full.messages.map(({ cid }) => cid);
    for (let count = 0; count < 60; count++) await fakeRoom.clock.advance(1_000);
    expect(full.messages.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(reports).toMatchObject([
      { kind: 'trouble', code },
      { kind: 'trouble-over', code },
    ]);
    // The second one follows when the first one is on the log.
    expect(accepted.map(({ cid }) => cid)).toEqual(cids.slice(0, 1));
    full.delivered(accepted[0]?.hash ?? '', 100);
    full.flush();
    for (let count = 0; count < 20; count++) await fakeRoom.clock.advance(1_000);
    expect(accepted.map(({ cid }) => cid)).toEqual(cids);
    full.delivered(accepted[1]?.hash ?? '', 101);
    expect(await Promise.all(sent)).toEqual([{ seq: 100 }, { seq: 101 }]);
  },
);

test.each(['stale-epoch', 'rekey-pending'])(
  'sends a message that was refused with %s as soon as the client has read the next key',
  async (code) => {
    await fakeRoom.rekey(alice);
    fakeRoom.read(alice);
    const epochs: (number | undefined)[] = [];
    fakeRoom.server.answers.append = ({ entry }) => {
      const payload = parsePayload('message', entry.payload);
      if (payload === null) return { seq: fakeRoom.log.length + 1, at: 0 };
      epochs.push(payload.epoch);
      if (payload.epoch === 1) throw new ProtocolError(code, 'Another key came first.');
      return { seq: 99, at: 0 };
    };
    void outbox.send('hello');
    await fakeRoom.clock.advance(0);
    expect(epochs).toEqual([1]);
    // Nothing new is known, so the message waits.
    outbox.flush();
    await fakeRoom.clock.advance(0);
    expect(epochs).toEqual([1]);
    await fakeRoom.enter('carol');
    outbox.flush();
    await fakeRoom.clock.advance(0);
    await fakeRoom.rekey(alice);
    fakeRoom.read(alice);
    outbox.flush();
    await fakeRoom.clock.advance(0);
    expect(epochs.at(-1)).toBe(2);
  },
);
