import { describe, expect, test } from 'vitest';
import {
  acceptWrap,
  composeJoin,
  composeKeyAnswer,
  composeRemove,
  lacksKey,
  linkContext,
  mayHaveKey,
} from '../../src/index.ts';
import { crypto, type Log, Person, three, withBadWraps } from '../support/people.ts';

/** Returns a room in which Bob lacks the key that Alice made. */
function withoutKey() {
  const room = three();
  const { alice, bob, mallory, log } = room;
  log.leave(mallory);
  const proposal = log.propose(alice);
  const bad = withBadWraps(alice, proposal);
  alice.state = proposal.state;
  log.putWraps(4, bad);
  log.append(bad.entry);
  bob.events.length = 0;
  return room;
}

/** Returns Alice's answer to a user, whom she gives no key if the room's log does not allow it. */
function answerTo(user: Person, alice: Person, log: Log) {
  const to = user.signer.fingerprint;
  const context = linkContext('0'.repeat(64), alice.signer.fingerprint, to);
  const link =
    log.linksOf(alice).get(to) ?? crypto.openLink({ recipient: user.prekey.publicKey, context })?.link ?? null;
  return link === null ? null : composeKeyAnswer(alice.state, { to, link });
}

describe('a member without the key', () => {
  test('receives it from a member that has it, and reads on', () => {
    const { alice, bob, log } = withoutKey();
    expect([lacksKey(alice.state), lacksKey(bob.state)]).toEqual([false, true]);
    const place = { roomId: log.roomId, epochNumber: 4 };
    const secret = log.openings.unwrap(bob, answerTo(bob, alice, log)?.wrap ?? new Uint8Array(60), place);
    if (typeof secret === 'string') throw new Error(secret);
    const held = acceptWrap(bob.state, { epochNumber: 4, secret }, crypto);
    if (held === null) throw new Error('another secret');
    bob.take({ state: held, events: [] });
    log.say(alice, 'now you can');
    expect([bob.texts, bob.violations]).toEqual([['now you can'], []]);
  });

  test('cannot use an answer for another member, or for another epoch', () => {
    const { alice, bob, log } = withoutKey();
    const other = new Person('other');
    log.known.add(other);
    const link = log.linksOf(alice).get(other.signer.fingerprint);
    if (link === undefined) throw new Error('no link');
    const answer = composeKeyAnswer(alice.state, { to: bob.signer.fingerprint, link });
    const place = { roomId: log.roomId, epochNumber: 4 };
    expect(log.openings.unwrap(bob, answer?.wrap ?? new Uint8Array(60), place)).toBe('failed');
    const own = answerTo(bob, alice, log)?.wrap ?? new Uint8Array(60);
    expect(log.openings.unwrap(bob, own, { ...place, epochNumber: 3 })).toBe('failed');
    expect(log.openings.unwrap(bob, own, place)).toBeInstanceOf(Uint8Array);
    expect(log.openings.unwrap(bob, own, place)).toBe('used');
  });
});

describe('a key answer', () => {
  test('is for members and invited users of the membership that the epoch answers, and for no other user', () => {
    const { alice, bob, mallory, log } = three();
    const [carol, dave, erin] = [new Person('carol'), new Person('dave'), new Person('erin')];
    log.invite(alice, carol);
    log.known.add(dave);
    log.append(composeJoin(dave.author, log.roomId, log.entries.length));
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const people = [alice, bob, carol, dave, erin, mallory];
    const allowed = () =>
      people.filter(({ signer }) => mayHaveKey(alice.state, signer.fingerprint)).map(({ user }) => user);
    const given = () => people.filter((person) => answerTo(person, alice, log) !== null).map(({ user }) => user);
    expect([allowed(), given()]).toEqual([
      ['alice', 'bob', 'carol'],
      ['alice', 'bob', 'carol'],
    ]);
    // A user who was invited before may have the key, whether joined since or not.
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    expect(allowed()).toEqual(['alice', 'bob', 'carol']);
    log.rekey(alice);
    expect([allowed(), given()]).toEqual([
      ['alice', 'bob', 'carol', 'dave'],
      ['alice', 'bob', 'carol', 'dave'],
    ]);
  });

  test('is not composed without the secret', () => {
    const { alice, bob, log } = withoutKey();
    expect(answerTo(alice, bob, log)).toBeNull();
    expect(answerTo(bob, alice, log)).not.toBeNull();
  });
});
