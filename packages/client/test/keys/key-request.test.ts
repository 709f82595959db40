/** A key that has not come is asked for: whom, in which order, and what becomes of the answers. */
import { ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { answerKey } from '../../src/keys/key-answer.ts';
import type { Fetched } from '../../src/keys/key-fetch.ts';
import { KeyFetch } from '../../src/keys/key-fetch.ts';
import { type FakeMember, FakeRoom } from '../support/fake-room.ts';

let assembly: FakeRoom;
let ada: FakeMember;
let bob: FakeMember;
let cyd: FakeMember;
let dan: FakeMember;
let keys: KeyFetch;
let connected: boolean;

const refuse = (code: string) => () => {
  throw new ProtocolError(code, 'No.');
};

beforeEach(async () => {
  assembly = new FakeRoom();
  const entered = await assembly.enter('ada', 'bob', 'cyd', 'dan', 'eli');
  [ada, bob, cyd, dan] = entered as [FakeMember, FakeMember, FakeMember, FakeMember];
  await assembly.rekey(ada);
  for (const member of [ada, cyd, dan]) assembly.read(member);
  keys = new KeyFetch(bob.context, bob.room);
  connected = true;
  assembly.server.answers['ask-key'] = async ({ number, user }, { user: asker }) => {
    const holder = assembly.members.find((member) => member.user === user);
    if (holder === undefined) throw new Error(`nobody is named ${user}`);
    await answerKey(holder.context, holder.room, number, asker);
    keys.given(number);
    return {};
  };
});

/** Bob’s wrap is lost, or is this one. */
function spoil(envelope?: string): void {
  const place = `1 ${bob.fingerprint}`;
  assembly.server.wraps.delete(place);
  assembly.read(bob);
  if (envelope !== undefined) assembly.server.wraps.set(place, envelope);
}

const fetchKey = (): Promise<Fetched> => keys.fetch(bob.state, 1, () => connected);

async function settled(fetching: Promise<Fetched>) {
  const fetched = await fetching;
  if (fetched === 'disconnected') return fetched;
  const violations = fetched.events.flatMap((event) =>
    event.kind === 'violation' ? [`${event.code} ${event.user}`] : [],
  );
  return { held: fetched.state.secrets[1] === ada.state.secrets[1], violations };
}

const wanted = () => bob.events.flatMap((event) => (event.kind === 'key-wanted' ? [event.asked] : []));
const asked = () => assembly.server.of('ask-key', 'bob').map(({ user }) => user);
const silent = () => ({});

test('nobody is asked when there is a wrap', async () => {
  const envelope = assembly.server.wraps.get(`1 ${bob.fingerprint}`);
  spoil(envelope);
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual([]);
});

test('without one the first of the others is, and gives it', async () => {
  spoil();
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(bob.events.filter(({ kind }) => kind === 'key-wanted')).toEqual([
    {
      kind: 'key-wanted',
      roomId: bob.state.room,
      roomName: 'lobby',
      epoch: 1,
      since: assembly.clock.now(),
      asked: ['ada'],
    },
  ]);
  expect(assembly.clock.waiting).toBe(assembly.members.length);
});

test('whoever made a wrong one is told of, and is not asked', async () => {
  spoil(assembly.server.wraps.get(`1 ${cyd.fingerprint}`));
  expect(await settled(fetchKey())).toEqual({ held: true, violations: ['wrong-key ada'] });
  expect(asked()).toEqual(['cyd']);
});

test('nobody is blamed for one from before we joined: the prekey of that time may be erased', async () => {
  spoil(assembly.server.wraps.get(`1 ${cyd.fingerprint}`));
  const { members } = bob.state;
  const own = members[bob.fingerprint];
  if (own === undefined) throw new Error('bob is no member');
  // As of somebody who was invited where bob joined, and joins further on.
  bob.take({ ...bob.state, members: { ...members, [bob.fingerprint]: { ...own, joinedAt: bob.state.head.seq + 1 } } });
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual(['ada']);
});

test('whoever gives a wrong one is told of, not who made the key, and the next is asked', async () => {
  spoil();
  bob.room.online = ['bob', 'cyd', 'dan'];
  const { 'ask-key': ask } = assembly.server.answers;
  assembly.server.answers['ask-key'] = async (fields, caller) => {
    if (fields.user !== 'cyd') return (await ask?.(fields, caller)) ?? {};
    assembly.server.wraps.set(`1 ${bob.fingerprint}`, assembly.server.wraps.get(`1 ${dan.fingerprint}`) ?? '');
    keys.given(1);
    return {};
  };
  expect(await settled(fetchKey())).toEqual({ held: true, violations: ['wrong-key cyd'] });
  expect(wanted()).toEqual([['cyd'], ['cyd', 'dan']]);
});

test('an answer to another question is none to this', async () => {
  spoil();
  assembly.server.answers['ask-key'] = silent;
  const fetching = fetchKey();
  await assembly.clock.advance(0);
  expect([keys.given(7), keys.given(1), keys.given(1)]).toEqual([false, true, false]);
  keys.disconnected();
  await assembly.clock.advance(15_000);
  expect(await settled(fetching)).toEqual({ held: false, violations: [] });
});

test('each is given five seconds, three are asked, and once a connection', async () => {
  spoil();
  assembly.server.answers['ask-key'] = silent;
  let result: unknown = null;
  void settled(fetchKey()).then((outcome) => {
    result = outcome;
  });
  await assembly.clock.advance(14_999);
  expect([asked(), result]).toEqual([['ada', 'cyd', 'dan'], null]);
  await assembly.clock.advance(1);
  expect(result).toEqual({ held: false, violations: [] });
  expect(wanted().at(-1)).toEqual(['ada', 'cyd', 'dan']);

  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toHaveLength(3);
  keys.disconnected();
  const again = fetchKey();
  await assembly.clock.advance(15_000);
  expect(await settled(again)).toEqual({ held: false, violations: [] });
  expect(asked()).toHaveLength(6);
});

test('somebody who has just gone costs no time', async () => {
  spoil();
  const { 'ask-key': ask } = assembly.server.answers;
  assembly.server.answers['ask-key'] = async (fields, caller) =>
    fields.user === 'ada' ? refuse('not-online')() : ((await ask?.(fields, caller)) ?? {});
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(wanted()).toEqual([['cyd']]);
});

test('who is not online, or came after the key was made, is not asked', async () => {
  spoil();
  await assembly.enter('eve');
  bob.room.online = ['bob', 'eve'];
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toEqual([]);
  bob.room.online = ['bob', 'eve', 'dan'];
  expect(await settled(fetchKey())).toEqual({ held: true, violations: [] });
  expect(asked()).toEqual(['dan']);
});

test('only the latest key is asked for', async () => {
  spoil();
  await assembly.enter('eve');
  await assembly.rekey(ada);
  assembly.read(bob);
  expect(bob.state.epoch?.number).toBe(2);
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(asked()).toEqual([]);
});

test.each([['epoch-conflict'], ['stale-epoch']])(
  'a key that has had its day (%s) is not asked for any more',
  async (code) => {
    spoil();
    assembly.server.answers['ask-key'] = refuse(code);
    expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
    expect([asked(), bob.events]).toEqual([['ada'], []]);
  },
);

test.each([['not-a-member'], ['removed'], ['unknown-room']])(
  'out of the room (%s) there is none to be had: the log goes on, and says why',
  async (code) => {
    spoil();
    assembly.server.answers['get-wrap'] = refuse(code);
    assembly.server.answers['ask-key'] = refuse(code);
    expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
    expect([assembly.server.of('get-wrap', 'bob').length, bob.events]).toEqual([1, []]);
  },
);

test('other refusals are told', async () => {
  spoil();
  assembly.server.answers['ask-key'] = refuse('rate-limited');
  expect(await settled(fetchKey())).toEqual({ held: false, violations: [] });
  expect(bob.codes()).toEqual(['rate-limited']);
});

test('a lost connection ends it at once', async () => {
  spoil();
  assembly.server.answers['ask-key'] = silent;
  const fetching = fetchKey();
  await assembly.clock.advance(0);
  connected = false;
  keys.disconnected();
  expect(await settled(fetching)).toBe('disconnected');
});

test('a key from before we came is neither fetched nor asked for', async () => {
  const [eve] = await assembly.enter('eve');
  if (eve === undefined) throw new Error('eve did not enter');
  const late = new KeyFetch(eve.context, eve.room);
  const state = { ...eve.state, epochs: ada.state.epochs };
  expect(await late.fetchMissing(state, () => true)).toEqual({ state, events: [] });
  expect(assembly.server.of('get-wrap', 'eve')).toEqual([]);
});
