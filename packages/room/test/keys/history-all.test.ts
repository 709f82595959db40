import { fromBase64url, type Policy, toBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeJoin,
  composeRemove,
  currentSecret,
  emptyRoom,
  eraseOldSecrets,
  lacksKey,
  mayRead,
  recoverPastSecrets,
} from '../../src/index.ts';
import { pastKey } from '../../src/keys/schedule.ts';
import { crypto, fieldsOf, Log, Person, signAnything } from '../support/people.ts';

const all: Policy = { join: 'open', history: 'all' };

/** Returns a room with a message under each of its keys, one of which is not a step from the key before. */
function room(policy: Policy = all) {
  const [alice, bob, carol] = [new Person('alice'), new Person('bob'), new Person('carol')];
  const log = new Log(alice, 'lobby', policy);
  log.say(alice, 'one');
  log.join(bob, alice);
  log.say(bob, 'two');
  log.append(composeRemove(alice.author, alice.state, 'bob'));
  log.rekey(alice);
  log.say(alice, 'three');
  for (const person of log.people) person.state = eraseOldSecrets(person.state);
  return { alice, bob, carol, log };
}

/** Reads the log again with the known secrets. */
function replay(log: Log, person: Person): void {
  const { secrets, since } = person.state;
  const me = person.signer.fingerprint;
  person.events.length = 0;
  person.state = emptyRoom(log.roomId, me, { since, secrets });
  log.deliver(person);
}

/** Signs Alice's next epoch with another `past`. */
function withPast(alice: Person, log: Log, past: string | undefined) {
  const proposal = log.propose(alice);
  const { past: _, ...payload } = fieldsOf(proposal.entry.payload);
  log.putWraps(payload.number, proposal);
  alice.state = proposal.state;
  const entry = signAnything(alice.signer, 'epoch', log.roomId, {
    ...payload,
    ...(past === undefined ? {} : { past }),
  });
  return { entry, number: payload.number as number };
}

describe('a room with history all', () => {
  test('lets a newcomer with the latest key read all messages, without a violation', () => {
    const { alice, carol, log } = room();
    log.join(carol, alice);
    expect(carol.texts).toEqual([]);
    const known = Object.keys(carol.state.secrets);
    carol.state = recoverPastSecrets(carol.state, crypto);
    expect([known, Object.keys(carol.state.secrets)]).toEqual([['4'], ['1', '2', '3', '4']]);

    replay(log, carol);
    expect(carol.texts).toEqual(['one', 'two', 'three']);
    expect(carol.violations).toEqual([]);
    expect(carol.events.filter((event) => event.kind === 'epoch' && event.key !== 'held')).toEqual([]);
    log.say(alice, 'four');
    expect(carol.texts.at(-1)).toBe('four');
    expect(Object.keys(eraseOldSecrets(carol.state).secrets)).toEqual(['4']);
  });

  test('lets invited users and former members read all messages', () => {
    const [alice, bob] = [new Person('alice'), new Person('bob')];
    const log = new Log(alice, 'lobby', { ...all, join: 'invite' });
    log.say(alice, 'one');
    const come = () => {
      const { seq } = log.invite(alice, bob);
      log.say(alice, 'meanwhile');
      log.follow(bob, seq);
      log.rekey(alice);
    };
    come();
    expect(bob.texts).toEqual(['meanwhile']);
    log.leave(bob);
    log.people.splice(log.people.indexOf(bob), 1);
    log.rekey(alice);
    log.say(alice, 'without bob');
    come();
    bob.state = recoverPastSecrets(bob.state, crypto);
    replay(log, bob);
    expect(bob.texts).toEqual(['one', 'meanwhile', 'without bob', 'meanwhile']);
    expect([...alice.violations, ...bob.violations]).toEqual([]);
  });

  test('does not request keys from before the join, nor report a missing key before the room has made one', () => {
    const { alice, carol, log } = room();
    log.enter(carol);
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    expect(carol.events.flatMap((event) => (event.kind === 'epoch' ? [event.key] : []))).toEqual(Array(3).fill('none'));
    expect([mayRead(carol.state), lacksKey(carol.state)]).toEqual([true, false]);
    log.rekey(alice);
    expect(lacksKey(carol.state)).toBe(false);
  });

  test('has no stubs: from the first entry on, a stub is reported as withheld', () => {
    const { carol, log } = room();
    log.enter(carol);
    for (const logged of log.entries) {
      const stub = { seq: logged.seq, hashes: new Uint8Array(32) };
      carol.take(applyEntry(carol.state, logged.seq === 3 ? stub : logged, crypto));
      if (logged.seq === 3) break;
    }
    expect(carol.violations).toEqual(['withheld']);
  });

  test('erases during a second reading only the keys before the position reached', () => {
    const { alice, carol, log } = room();
    log.join(carol, alice);
    const { secrets, since } = recoverPastSecrets(carol.state, crypto);
    carol.events.length = 0;
    carol.state = emptyRoom(log.roomId, carol.signer.fingerprint, { since, secrets });
    for (const logged of log.entries) {
      carol.take(applyEntry(carol.state, logged, crypto));
      carol.state = eraseOldSecrets(carol.state);
    }
    expect(carol.texts).toEqual(['one', 'two', 'three']);
    expect(Object.keys(carol.state.secrets)).toEqual(['4']);
  });
});

describe('the chain of earlier secrets', () => {
  test('ends only where an author hands on a wrong secret or none', () => {
    for (const lie of ['other', 'short', 'garbage', 'none'] as const) {
      const { alice, carol, log } = room();
      log.enter(carol);
      log.append(composeJoin(carol.author, log.roomId, log.entries.length));
      const next = log.propose(alice);
      const secret = fromBase64url(next.state.drafts[0]?.secret ?? '');
      const key = pastKey(crypto, secret, { roomId: log.roomId, epochNumber: 4 });
      const pasts = {
        other: toBase64url(crypto.encrypt(key, new Uint8Array(32).fill(1), 0)),
        short: toBase64url(crypto.encrypt(key, new Uint8Array(31), 0)),
        garbage: 'garbage',
        none: undefined,
      };
      const { entry, number } = withPast(alice, log, pasts[lie]);
      expect(number).toBe(4);
      log.append(entry);
      expect(carol.violations).toEqual([]);
      expect(currentSecret(carol.state)?.epochNumber).toBe(4);
      expect(recoverPastSecrets(carol.state, crypto).secrets).toEqual(carol.state.secrets);

      log.join(new Person('dave'), alice);
      expect(Object.keys(recoverPastSecrets(carol.state, crypto).secrets)).toEqual(['4', '5']);
    }
  });

  test("is bound to its epoch: another epoch's key does not open it", () => {
    const { alice, carol, log } = room();
    log.join(carol, alice);
    const { epochs } = carol.state;
    const moved = { ...carol.state.epoch, past: epochs[3]?.past ?? null };
    if (!('number' in moved)) throw new Error('no epoch');
    const confused = { ...carol.state, epochs: { ...epochs, 4: moved } };
    expect(recoverPastSecrets(confused as typeof carol.state, crypto).secrets).toEqual(carol.state.secrets);
  });

  test('is rejected in rooms with history since-join, and in a first epoch', () => {
    const { alice, carol, log } = room({ ...all, history: 'since-join' });
    log.enter(carol);
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    expect(fieldsOf(log.propose(alice).entry.payload).past).toBeUndefined();
    log.append(withPast(alice, log, 'anything').entry);
    expect(alice.violations).toEqual(['wrong-epoch']);
    log.rekey(alice);
    expect(Object.keys(recoverPastSecrets(carol.state, crypto).secrets)).toEqual(['4']);

    const dave = new Person('dave');
    const other = new Log(dave, 'other', all);
    const [create, first] = other.entries;
    if (create === undefined || first === undefined) throw new Error('no first epoch');
    const payload = { ...fieldsOf(first.entry.payload), past: 'anything' };
    const reader = emptyRoom(other.roomId, dave.signer.fingerprint);
    const { state } = applyEntry(reader, create, crypto);
    const forged = { ...first, entry: signAnything(dave.signer, 'epoch', other.roomId, payload) };
    expect(applyEntry(state, forged, crypto).events).toMatchObject([{ code: 'wrong-epoch' }]);
  });

  test("uses a secret of an earlier reading only if it matches its epoch's commitment", () => {
    const { alice, carol, log } = room();
    log.join(carol, alice);
    carol.state = recoverPastSecrets(carol.state, crypto);
    const wrong = { ...carol.state.secrets, 2: carol.state.secrets[3] ?? '' };
    carol.state = { ...carol.state, secrets: wrong };
    replay(log, carol);
    expect(carol.texts).toEqual(['one', 'three']);
    expect(carol.violations).toEqual(['wrong-key']);
  });
});
