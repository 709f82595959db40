import { fromBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  acceptWrap,
  applyEntry,
  composeJoin,
  composeLeave,
  composeMessage,
  emptyRoom,
  UserMap,
} from '../../src/index.ts';
import { crypto, fieldsOf, Log, Person, signAnything, stubOf, three } from '../support/people.ts';

describe('a dishonest server', () => {
  test('cannot replay a message without a violation', () => {
    const { alice, bob, log } = three();
    const said = log.say(alice, 'once');
    log.append(said.entry);
    expect(bob.texts).toEqual(['once']);
    expect(bob.violations).toEqual(['replayed']);
  });

  test('cannot drop a message without a violation', () => {
    const { alice, bob, log } = three();
    log.say(alice, 'seen');
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, 'dropped');
    const shown = log.say(alice, 'shown');
    bob.take(applyEntry(bob.state, { ...shown, seq: bob.state.head.seq + 1 }, crypto));
    expect(bob.texts).toEqual(['seen', 'shown']);
    expect(bob.violations).toEqual(['fork', 'missing-messages']);
  });

  test('cannot show two members different logs without a violation', () => {
    const { alice, bob, mallory, log } = three();
    const toBob = log.people.splice(log.people.indexOf(bob), 1);
    expect(toBob).toEqual([bob]);
    log.say(mallory, 'only alice sees this');
    const other = composeMessage(mallory.author, bob.state, 'only bob sees this');
    bob.take(applyEntry(bob.state, { seq: bob.state.head.seq + 1, at: 0, entry: other }, crypto));
    log.say(alice, 'next');
    log.deliver(bob);
    expect(bob.violations).toContain('fork');
  });

  test('cannot skip or reorder entries', () => {
    const { alice, bob, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    log.say(alice, '1');
    const second = log.say(alice, '2');
    const before = bob.state;
    bob.take(applyEntry(bob.state, second, crypto));
    expect(bob.state).toBe(before);
    expect(bob.violations).toEqual(['out-of-order']);
  });

  test('cannot give a member a stub in place of a message without a violation', () => {
    const { alice, bob, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    const said = log.say(alice, 'kept back');
    bob.take(applyEntry(bob.state, stubOf(said), crypto));
    expect(bob.violations).toEqual(['withheld']);
    expect(bob.state.head).toEqual(alice.state.head);
  });

  test('cannot restore a membership with an old join, nor end one with an old leave', () => {
    const { alice, bob, mallory, log } = three();
    const oldJoin = log.entries.find(({ entry }) => entry.by === mallory.signer.fingerprint)?.entry;
    const oldLeave = composeLeave(mallory.author, mallory.state);
    log.append(oldLeave);
    log.rekey(alice);
    if (oldJoin === undefined) throw new Error('mallory never joined');
    log.append(oldJoin);
    expect(bob.violations).toEqual(['replayed']);

    log.people.splice(log.people.indexOf(mallory), 1);
    log.join(mallory, alice);
    log.append(oldLeave);
    expect(bob.violations).toEqual(['replayed', 'replayed']);
    expect(bob.state.members.get(mallory.signer.fingerprint)).toBeDefined();
  });

  test('cannot append a second epoch, an old one, or one for another membership', () => {
    const { alice, bob, mallory, log } = three();
    const epochs = log.entries.filter(({ entry }) => entry.type === 'epoch');
    const last = epochs.at(-1);
    if (last === undefined) throw new Error('no epoch');
    log.append(last.entry);
    expect(bob.violations).toEqual(['wrong-epoch']);

    log.append(composeLeave(mallory.author, mallory.state));
    const early = log.propose(alice);
    const carol = new Person('carol');
    log.enter(carol);
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    log.append(early.entry);
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch']);
  });

  test('cannot append an epoch that does not follow the latest one', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    const payload = fieldsOf(log.propose(alice).entry.payload);
    for (const change of [
      { previous: 'c'.repeat(64) },
      { number: payload.number + 1 },
      { number: payload.number - 1 },
    ]) {
      log.append(signAnything(alice.signer, 'epoch', log.roomId, { ...payload, ...change }));
    }
    expect(bob.violations).toEqual(['wrong-epoch', 'wrong-epoch', 'wrong-epoch']);
  });

  test("is detected by other entries too: a leave contains its author's view", () => {
    const { bob, mallory, log } = three();
    const payload = fieldsOf(composeLeave(mallory.author, mallory.state).payload);
    const elsewhere = { ...payload, head: { ...payload.head, hash: 'a'.repeat(64) } };
    log.append(signAnything(mallory.signer, 'leave', log.roomId, elsewhere));
    expect(bob.violations).toEqual(['fork']);
    expect(bob.events.at(-1)).toMatchObject({ kind: 'left', user: 'mallory' });
  });

  test('cannot have a step accepted after a departure', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    const fresh = log.propose(alice);
    const payload = { ...fieldsOf(fresh.entry.payload), kind: 'step' };
    log.append(signAnything(alice.signer, 'epoch', log.roomId, payload));
    expect(bob.violations).toEqual(['wrong-epoch']);
  });

  test('cannot place a message under an old key after the departure of a member who has that key', () => {
    const { alice, bob, mallory, log } = three();
    const late = composeMessage(alice.author, alice.state, 'for those who were here');
    log.append(composeLeave(mallory.author, mallory.state));
    log.append(late);
    log.rekey(bob);
    log.append(late);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['stale-key', 'stale-key']);
  });

  test("cannot give a member another member's wrap, or one of another epoch", () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    log.people.splice(log.people.indexOf(bob), 1);
    log.rekey(alice);
    const [entry] = log.entries.slice(bob.state.head.seq);
    if (entry === undefined) throw new Error('nothing to read');
    bob.take(applyEntry(bob.state, entry, crypto));
    const others = [...log.wraps].filter(([key]) => key !== `4 ${bob.signer.fingerprint}`);
    expect(others).toHaveLength(2);
    const place = { roomId: log.roomId, epochNumber: 4 };
    for (const [, wrap] of others) expect(log.openings.unwrap(bob, wrap, place)).toMatch(/failed|used/);
    for (const other of Object.values(mallory.state.secrets))
      expect(acceptWrap(bob.state, { epochNumber: 4, secret: fromBase64url(other) }, crypto)).toBeNull();
    log.wrap(bob, 4);
    expect(bob.state.secrets[4]).toBe(alice.state.secrets[4]);
  });

  test("cannot give a room another room's create entry", () => {
    const { alice, bob, log } = three();
    const other = new Log(alice, 'other');
    const [create] = other.entries;
    if (create === undefined) throw new Error('no create');
    log.append(create.entry);
    expect(bob.violations).toEqual(['wrong-create']);
    expect(bob.state.name).toBe('lobby');

    const carol = new Person('carol');
    carol.state = emptyRoom(log.roomId, carol.signer.fingerprint);
    carol.take(applyEntry(carol.state, create, crypto));
    expect(carol.violations).toHaveLength(1);
    expect(carol.state.name).toBeNull();
  });

  test('cannot create a room twice', () => {
    const { bob, log } = three();
    const [create] = log.entries;
    if (create === undefined) throw new Error('no create');
    log.append(create.entry);
    expect(bob.violations).toEqual(['wrong-create']);
  });

  test("cannot hide a departure from a newcomer: the first member who reads the newcomer's view reports a fork", () => {
    const { alice, bob, mallory, log } = three();
    log.leave(mallory);
    const carol = new Person('carol');
    const since = log.entries.length;
    carol.state = emptyRoom(log.roomId, carol.signer.fingerprint, { since });
    log.append(composeJoin(carol.author, log.roomId, since));
    for (const logged of log.entries) {
      const hidden = logged.entry.type === 'leave';
      carol.take(applyEntry(carol.state, hidden ? stubOf(logged) : logged, crypto));
    }
    expect(carol.state.members.get(mallory.signer.fingerprint)).toBeDefined();
    expect(carol.state.head).not.toEqual(bob.state.head);

    // Members reject Carol's epoch, because it is made for Mallory too.
    log.append(log.propose(carol).entry);
    for (const { violations, state } of [alice, bob]) {
      expect(violations).toEqual(['fork']);
      expect(state.epoch?.number).toBe(3);
    }
  });

  test('cannot present an entry as another type', () => {
    const { bob, mallory, log } = three();
    log.people.splice(log.people.indexOf(bob), 1);
    const leave = log.append(composeLeave(mallory.author, mallory.state));
    bob.take(applyEntry(bob.state, { ...leave, entry: { ...leave.entry, type: 'message' } }, crypto));
    const honest = log.people[0]?.state.head;
    expect(bob.violations).toHaveLength(1);
    expect(bob.state.head).not.toEqual(honest);
  });

  test('cannot make a join permanently valid by reporting a wrong length of the log', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    log.append(composeJoin(eve.author, log.roomId, 1_000_000));
    expect(bob.violations).toEqual(['replayed']);
    expect(alice.state.members.get(eve.signer.fingerprint)).toBeUndefined();
  });

  test('cannot substitute another room for the one that the user looked up', () => {
    const { log } = three();
    const eve = new Person('eve');
    eve.state = emptyRoom(log.roomId, eve.signer.fingerprint, { asked: 'board' });
    for (const logged of log.entries) eve.take(applyEntry(eve.state, logged, crypto));
    expect(eve.state.name).toBeNull();
    expect(eve.state.members).toEqual(UserMap.empty);
    expect(new Set(eve.violations)).toEqual(new Set(['wrong-create']));
  });
});
