import { describe, expect, test } from 'vitest';
import { acceptWrap, composeJoin, composeKeyAnswer, composeRemove, lacksKey, mayHaveKey } from '../../src/index.ts';
import { crypto, Person, three } from '../support/people.ts';

/** Returns a room in which Bob lacks the key that Alice made. */
function withoutKey() {
  const room = three();
  const { alice, bob, mallory, log } = room;
  log.leave(mallory);
  const proposal = log.propose(alice);
  alice.state = proposal.state;
  for (const { to } of proposal.wraps) log.wraps.set(`4 ${to}`, 'AAAA');
  log.append(proposal.entry);
  bob.events.length = 0;
  return room;
}

describe('a member without the key', () => {
  test('receives it from a member that has it, and reads on', () => {
    const { alice, bob, log } = withoutKey();
    expect([lacksKey(alice.state), lacksKey(bob.state)]).toEqual([false, true]);
    const answer = composeKeyAnswer(alice.state, { to: bob.signer.fingerprint, prekey: bob.prekey.publicKey }, crypto);
    if (answer === null) throw new Error('no answer');
    expect(answer.to).toBe(bob.signer.fingerprint);
    bob.take(acceptWrap(bob.state, { epochNumber: 4, envelope: answer.envelope, prekeys: [bob.prekey] }, crypto));
    log.say(alice, 'now you can');
    expect([bob.texts, bob.violations]).toEqual([['now you can'], []]);
  });

  test('cannot use an answer for another member', () => {
    const { alice, bob } = withoutKey();
    const other = new Person('other');
    const answer = composeKeyAnswer(
      alice.state,
      { to: alice.signer.fingerprint, prekey: bob.prekey.publicKey },
      crypto,
    );
    bob.take(
      acceptWrap(
        bob.state,
        { epochNumber: 4, envelope: answer?.envelope ?? '', prekeys: [other.prekey, bob.prekey] },
        crypto,
      ),
    );
    expect(bob.violations).toEqual(['wrong-key']);
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
    const given = () =>
      people
        .filter(
          ({ signer, prekey }) =>
            composeKeyAnswer(alice.state, { to: signer.fingerprint, prekey: prekey.publicKey }, crypto) !== null,
        )
        .map(({ user }) => user);
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

  test('is not composed without the secret, or for an invalid prekey', () => {
    const { alice, bob } = withoutKey();
    const { fingerprint } = alice.signer;
    expect(composeKeyAnswer(bob.state, { to: fingerprint, prekey: alice.prekey.publicKey }, crypto)).toBeNull();
    expect(
      composeKeyAnswer(alice.state, { to: bob.signer.fingerprint, prekey: new Uint8Array(97).fill(4) }, crypto),
    ).toBeNull();
  });
});
