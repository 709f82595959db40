/** The outbox decides at once which texts it takes, also while the room has no key. */
import { entryHash, limits, ProtocolError, parsePayload } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Outbox } from '../../src/room/outbox.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

const tooLong = 'x'.repeat(limits.messageTextBytes + 1);

let fakeRoom: FakeRoom;
let alice: FakeMember;
let outbox: Outbox;

beforeEach(async () => {
  fakeRoom = new FakeRoom();
  [alice] = (await fakeRoom.enter('alice', 'bob')) as [FakeMember, FakeMember];
  outbox = new Outbox(alice.context, roomOf(), []);
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

test.each(['storage-full', 'limit-reached'])(
  'keeps messages that the server refuses with %s, sends them in order later, and reports both once',
  async (code) => {
    await fakeRoom.rekey(alice);
    fakeRoom.read(alice);
    const reports: unknown[] = [];
    const context = { ...alice.context, emit: (event: { readonly kind: string }) => void reports.push(event) };
    const full = new Outbox(Object.assign(Object.create(alice.context), context), roomOf(), []);
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
