/** Epochs of version 1, whose secrets were wrapped by elliptic curves alone: how a room leaves them behind. */
import { limits } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeJoin,
  composeMessage,
  type Epoch,
  isKeyWornOut,
  type RoomState,
  recipientsOf,
  rekeyReason,
  restoredRoom,
} from '../../src/index.ts';
import { commitmentTo, stepSecret } from '../../src/keys/schedule.ts';
import { secretOf } from '../support/earlier-form.ts';
import { crypto, fieldsOf, type Log, Person, signAnything, three } from '../support/people.ts';

const earlierEpoch = (epoch: Epoch): Epoch => ({ ...epoch, v: 1, wraps: null });

/** Returns the state as it was if the latest epoch had been of version 1. */
const earlier = (state: RoomState): RoomState => ({
  ...state,
  epoch: state.epoch === null ? null : earlierEpoch(state.epoch),
  epochs: Object.fromEntries(Object.entries(state.epochs).map(([number, epoch]) => [number, earlierEpoch(epoch)])),
});

/** Returns a room of Alice, Bob and Mallory whose keys are all of version 1. */
function earlierRoom() {
  const room = three();
  for (const person of room.log.people) person.state = earlier(person.state);
  return room;
}

function joinOf(person: Person, log: Log): void {
  log.enter(person);
  log.append(composeJoin(person.author, log.roomId, log.entries.length));
}

describe('a key of version 1', () => {
  test('serves no message, and the first member online replaces it without a change of the members', () => {
    const { alice, bob, log } = earlierRoom();
    for (const { state, now } of [alice, bob])
      expect([isKeyWornOut(state, now), rekeyReason(state, now)]).toEqual([true, 'age']);
    log.rekey(bob);
    expect(alice.events.at(-1)).toMatchObject({ kind: 'epoch', reason: 'age', key: 'wanted' });
    expect(alice.state.epoch).toMatchObject({ v: 2, number: 4, kind: 'fresh' });
    expect([isKeyWornOut(alice.state, alice.now), rekeyReason(alice.state, alice.now)]).toEqual([false, null]);
    log.say(alice, 'on links');
    expect([bob.texts, bob.violations, alice.violations]).toEqual([['on links'], [], []]);
  });

  test('is followed by a fresh key for all, never by a step, also when only a newcomer needs one', () => {
    const { alice, bob, log } = earlierRoom();
    const carol = new Person('carol');
    joinOf(carol, log);
    expect(
      recipientsOf(alice.state, alice.now)
        .map(({ user }) => user)
        .sort(),
    ).toEqual([...['alice', 'bob', 'carol', 'mallory']]);
    const payload = fieldsOf(log.propose(alice).entry.payload);
    expect(payload).toMatchObject({ v: 2, kind: 'fresh', reason: 'membership' });
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, kind: 'step' }));
    expect(bob.violations).toEqual(['wrong-epoch']);
    expect(bob.state.epoch?.number).toBe(3);
    log.rekey(alice);
    expect(bob.state.epoch).toMatchObject({ v: 2, number: 4 });
  });

  test('is followed by another one on the logs of that time, a step too', () => {
    const { alice, bob, log } = earlierRoom();
    joinOf(new Person('carol'), log);
    const place = { roomId: log.roomId, epochNumber: 4 };
    const secret = stepSecret(crypto, secretOf(alice), place);
    const step = { v: 1, kind: 'step', commitment: commitmentTo(crypto, secret, place) };
    const payload = { ...fieldsOf(log.propose(alice).entry.payload), ...step };
    log.append(signAnything(alice.signer, 'epoch', log.roomId, payload));
    expect(bob.violations).toEqual([]);
    expect(bob.state.epoch).toMatchObject({ v: 1, number: 4, kind: 'step', wraps: null });
    expect(secretOf(bob)).toEqual(secret);
  });

  test('never follows one of version 2, in whatever place of the room', () => {
    const { alice, bob, mallory, log } = three();
    log.leave(mallory);
    const payload = fieldsOf(log.propose(alice).entry.payload);
    expect(payload.v).toBe(2);
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, v: 1 }));
    expect(bob.violations).toEqual(['wrong-epoch']);
    log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, v: 3 }));
    expect(bob.violations).toEqual(['wrong-epoch', 'malformed']);
    expect(bob.state.epoch?.number).toBe(3);
  });
});

describe('messages under a key of version 1', () => {
  const by = (state: RoomState, entries: number): RoomState => ({ ...state, freshSeq: state.head.seq - entries });
  const codesOf = (reader: Person, entries: number, log: Log, author: Person) => {
    const entry = composeMessage(author.author, { ...author.state, freshSeq: author.state.head.seq }, 'an old one');
    const { events } = applyEntry(by(reader.state, entries), { seq: log.entries.length + 1, at: 0, entry }, crypto);
    return events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []));
  };

  test('are judged by the limit of that time, those under a later key by the present one', () => {
    const { alice, bob, log } = three();
    expect(codesOf(bob, limits.lastKeyEntries - 1, log, alice)).toEqual([]);
    expect(codesOf(bob, limits.lastKeyEntries, log, alice)).toEqual(['overused-key']);
    bob.state = earlier(bob.state);
    expect(codesOf(bob, 1_099, log, alice)).toEqual([]);
    expect(codesOf(bob, 1_100, log, alice)).toEqual(['overused-key']);
  });

  test('are not composed any more', () => {
    const { alice } = earlierRoom();
    expect(thrownCode(() => composeMessage(alice.author, alice.state, 'too late'))).toBe('rekey-pending');
  });
});

test('a key for which no reason but its version speaks is needless for no other version', () => {
  const { alice, bob, log } = three();
  const payload = fieldsOf(
    signAnything(alice.signer, 'epoch', log.roomId, {
      ...fieldsOf(log.entries.findLast(({ entry }) => entry.type === 'epoch')?.entry.payload ?? new Uint8Array()),
      ...{ number: 4, previous: bob.state.epoch?.hash, kind: 'fresh', reason: 'age', head: bob.state.head },
    }).payload,
  );
  const entry = signAnything(alice.signer, 'epoch', log.roomId, payload);
  const codes = (state: RoomState) =>
    applyEntry(
      { ...state, freshSeq: state.head.seq },
      { seq: state.head.seq + 1, at: 0, entry },
      crypto,
    ).events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []));
  expect(codes(bob.state)).toEqual(['needless-key']);
  expect(codes(earlier(bob.state))).toEqual([]);
});

test('a state that was stored before epochs had a version has version 1', () => {
  const { alice } = three();
  const stored = JSON.parse(JSON.stringify(alice.state));
  for (const epoch of [stored.epoch, ...Object.values<{ v?: number; wraps?: string }>(stored.epochs)]) {
    delete epoch.v;
    delete epoch.wraps;
  }
  delete stored.drafts;
  expect(restoredRoom(stored)).toEqual(earlier(alice.state));
});
