/** Key requests: which members are asked, in which order, and how the answers are used. */
import { ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { KeyFetch } from '../../src/keys/key-fetch.ts';
import type { FakeMember, FakeRoom } from '../support/fake-room.ts';
import { LackingMember } from '../support/lacking-member.ts';

let setting: LackingMember;
let fakeRoom: FakeRoom;
let alice: FakeMember;
let bob: FakeMember;
let carol: FakeMember;
let dave: FakeMember;
let keys: KeyFetch;

async function begin(isAliceHonest = true): Promise<void> {
  setting = await LackingMember.create(isAliceHonest);
  ({ fakeRoom, alice, bob, carol, dave, keys } = setting);
}

beforeEach(() => begin());

const refuse = (code: string) => () => {
  throw new ProtocolError(code, 'No.');
};
const wanted = () => bob.events.flatMap((event) => (event.kind === 'key-wanted' ? [event.asked] : []));
const silent = () => ({});

test('asks no member if the server has a wrap', async () => {
  const envelope = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`);
  setting.spoil(envelope);
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect(setting.asked()).toEqual([]);
});

test('asks the first other member but its author for a key without a wrap, and gets it', async () => {
  setting.spoil();
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect(bob.events.filter(({ kind }) => kind === 'key-wanted')).toEqual([
    {
      kind: 'key-wanted',
      roomId: bob.state.room,
      roomName: 'lobby',
      epoch: 1,
      since: fakeRoom.clock.now(),
      asked: ['carol'],
    },
  ]);
  expect(fakeRoom.clock.waiting).toBe(fakeRoom.members.length);
});

test('reports the author of a wrong wrap, and does not ask that member', async () => {
  await begin(false);
  setting.spoil(fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`));
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: ['wrong-key alice'] });
  expect(setting.asked()).toEqual(['carol']);
});

test('reports the server, and no member, for a wrap that the epoch does not name, and takes the one that it names', async () => {
  const own = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`) ?? new Uint8Array();
  const altered = own.map((byte, at) => (at === 59 ? byte ^ 1 : byte));
  setting.spoil(altered);
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: ['wrong-wrap null'] });
  const { 'get-wrap-proof': prove } = fakeRoom.server.answers;
  fakeRoom.server.answers['get-wrap-proof'] = async (...asked) => ({
    ...((await prove?.(...asked)) ?? { index: 0, size: 1, path: own }),
    wrap: altered,
  });
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: ['wrong-wrap null'] });
  expect(setting.asked()).toEqual(['carol']);
});

test('gives no link up for a wrap that the server cannot prove', async () => {
  const own = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`) ?? new Uint8Array();
  setting.spoil(own.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
  fakeRoom.server.answers['get-wrap-proof'] = refuse('no-wrap');
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: ['wrong-wrap null'] });
  expect(fakeRoom.server.of('confirm-links', 'bob').flatMap(({ lost }) => lost)).toEqual([]);
});

test('reports no member for a wrap on a link that this client does not have, and says that the link is lost', async () => {
  const own = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`);
  setting.spoil(own);
  // The opening is lost, as after the erasure of the prekey to which it was made.
  fakeRoom.server.openings.delete(bob.fingerprint);
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  const lost = fakeRoom.server.of('confirm-links', 'bob').flatMap((request) => request.lost.map(({ from }) => from));
  expect([setting.asked(), lost]).toEqual([['carol'], [alice.fingerprint]]);
});

test('reports no wrong wrap from before the join, because its link may be erased', async () => {
  await begin(false);
  setting.spoil(fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`));
  const { members } = bob.state;
  const own = members.get(bob.fingerprint);
  if (own === undefined) throw new Error('bob is no member');
  // The state of a user who was invited at the position where bob joined, and joins later.
  const joined = { ...own, joinedAt: bob.state.head.seq + 1 };
  bob.take({ ...bob.state, members: members.put(bob.fingerprint, joined) });
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect(setting.asked()).toEqual(['carol']);
});

test('reports the member who answers with a wrong key, not the epoch’s author, and asks the next member', async () => {
  setting.spoil();
  setting.cheat(carol, bob);
  bob.room.online = ['bob', 'carol', 'dave'];
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: ['wrong-key carol'] });
  expect(wanted()).toEqual([['carol'], ['carol', 'dave']]);
});

test('ignores an answer for another epoch or of another member', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(0);
  const given = (epochNumber: number, { fingerprint }: FakeMember) =>
    keys.given({ epochNumber, from: fingerprint, wrap: new Uint8Array(60).fill(1) });
  expect([given(7, carol), given(1, dave), given(1, carol), given(1, carol)]).toEqual([false, false, true, false]);
  keys.disconnected();
  await fakeRoom.clock.advance(15_000);
  expect(await setting.settled(fetching)).toEqual({ held: false, violations: [] });
});

test('waits five seconds for each of three members and the author, once on each connection', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  let result: unknown = null;
  void setting.settled(setting.fetchKey()).then((outcome) => {
    result = outcome;
  });
  await fakeRoom.clock.advance(19_999);
  expect([setting.asked(), result]).toEqual([['carol', 'dave', 'eli', 'alice'], null]);
  await fakeRoom.clock.advance(1);
  expect(result).toEqual({ held: false, violations: [] });
  expect(wanted().at(-1)).toEqual(['carol', 'dave', 'eli', 'alice']);

  expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
  expect(setting.asked()).toHaveLength(4);
  keys.disconnected();
  const again = setting.fetchKey();
  await fakeRoom.clock.advance(20_000);
  expect(await setting.settled(again)).toEqual({ held: false, violations: [] });
  expect(setting.asked()).toHaveLength(8);
});

test('asks the next member at once if one has just disconnected', async () => {
  setting.spoil();
  const { 'ask-key': ask } = fakeRoom.server.answers;
  fakeRoom.server.answers['ask-key'] = async (fields, caller) =>
    fields.user === 'carol' ? refuse('not-online')() : ((await ask?.(fields, caller)) ?? {});
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect(wanted()).toEqual([['dave']]);
});

test('asks no member who is offline or joined after the epoch was made', async () => {
  setting.spoil();
  await fakeRoom.enter('erin');
  bob.room.online = ['bob', 'erin'];
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
  expect(setting.asked()).toEqual([]);
  bob.room.online = ['bob', 'erin', 'dave'];
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: true, violations: [] });
  expect(setting.asked()).toEqual(['dave']);
});

test('asks for the latest key only', async () => {
  setting.spoil();
  await fakeRoom.enter('erin');
  await fakeRoom.rekey(alice);
  fakeRoom.read(bob);
  expect(bob.state.epoch?.number).toBe(2);
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
  expect(setting.asked()).toEqual([]);
});

test.each([['epoch-conflict'], ['stale-epoch']])(
  'stops asking for a key that is no longer the latest (%s)',
  async (code) => {
    setting.spoil();
    fakeRoom.server.answers['ask-key'] = refuse(code);
    expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
    expect([setting.asked(), bob.events]).toEqual([['carol'], []]);
  },
);

test.each([['not-a-member'], ['removed'], ['unknown-room']])(
  'fetches no key when the user is out of the room (%s), and reads on',
  async (code) => {
    setting.spoil();
    fakeRoom.server.answers['get-wraps'] = refuse(code);
    fakeRoom.server.answers['ask-key'] = refuse(code);
    expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
    expect([fakeRoom.server.of('get-wraps', 'bob').length, bob.events]).toEqual([1, []]);
  },
);

test('reports any other refusal', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = refuse('rate-limited');
  expect(await setting.settled(setting.fetchKey())).toEqual({ held: false, violations: [] });
  expect(bob.codes()).toEqual(['rate-limited']);
});

test('reports at once, and once only, that the server fails to give a wrap, and asks for it again after growing pauses', async () => {
  const envelope = fakeRoom.server.wraps.get(`1 ${bob.fingerprint}`);
  setting.spoil(envelope);
  const { 'get-wraps': give } = fakeRoom.server.answers;
  fakeRoom.server.answers['get-wraps'] = refuse('internal');
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(0);
  expect(bob.codes()).toEqual(['internal']);
  await fakeRoom.clock.advance(3_000);
  expect([bob.codes(), fakeRoom.server.of('get-wraps', 'bob').length]).toEqual([['internal'], 3]);
  if (give !== undefined) fakeRoom.server.answers['get-wraps'] = give;
  await fakeRoom.clock.advance(4_000);
  expect(await setting.settled(fetching)).toEqual({ held: true, violations: [] });
  expect(setting.asked()).toEqual([]);
});

test('stops at once when the connection is lost', async () => {
  setting.spoil();
  fakeRoom.server.answers['ask-key'] = silent;
  const fetching = setting.fetchKey();
  await fakeRoom.clock.advance(0);
  setting.connected = false;
  keys.disconnected();
  expect(await setting.settled(fetching)).toBe('disconnected');
});

test('neither fetches nor asks for a key from before the join', async () => {
  const [erin] = await fakeRoom.enter('erin');
  if (erin === undefined) throw new Error('erin did not enter');
  const late = new KeyFetch(erin.context, erin.room);
  const state = { ...erin.state, epochs: alice.state.epochs };
  expect(await late.fetchMissing(state, () => true)).toEqual({ state, events: [] });
  expect(fakeRoom.server.of('get-wraps', 'erin')).toEqual([]);
});
