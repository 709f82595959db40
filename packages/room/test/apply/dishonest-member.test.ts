import { toBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { composeJoin, composeLeave, composeMessage } from '../../src/index.ts';
import { forge } from '../support/forged.ts';
import { fieldsOf, Log, Person, signAnything, three, wrappedTo } from '../support/people.ts';

describe('a dishonest member', () => {
  test('cannot send a message as another member', () => {
    const { bob, alice, mallory, log } = three();
    const forged = forge(mallory, (content) => {
      content['author'] = alice.signer.fingerprint;
    });
    log.append({ ...forged, by: alice.signer.fingerprint });
    log.append(forged);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['bad-signature', 'damaged']);
  });

  test('cannot replay an entry of another room, type or epoch', () => {
    const { alice, bob, log } = three();
    const other = new Log(alice, 'other');
    const elsewhere = other.say(alice, 'said elsewhere');
    log.people[0] = alice;
    log.append(elsewhere.entry);
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['bad-signature']);
  });

  test('cannot move a message to another room by encrypting it again', () => {
    const { bob, mallory, log } = three();
    log.append(
      forge(mallory, (content) => {
        content['room'] = 'a'.repeat(64);
      }),
    );
    log.append(
      forge(mallory, (content) => {
        content['epoch'] = 1;
      }),
    );
    expect(bob.texts).toEqual([]);
    expect(bob.violations).toEqual(['damaged', 'damaged']);
  });

  test('cannot use up a counter: it is at most the position of the message, so the author can always go on', () => {
    const { bob, mallory, log } = three();
    const counting = (change: (seq: number) => number) =>
      log.append(
        forge(mallory, (content) => {
          content['counter'] = change(log.entries.length + 1);
        }),
      );
    counting(() => Number.MAX_SAFE_INTEGER);
    counting((seq) => seq + 1);
    expect([bob.texts, bob.violations]).toEqual([[], ['damaged', 'damaged']]);
    counting((seq) => seq);
    expect(bob.violations.slice(2)).toEqual(['missing-messages']);
    log.say(mallory, 'and so on');
    expect([bob.texts.at(-1), bob.violations.length]).toEqual(['and so on', 3]);
  });

  test('cannot sign a message in the domain of another type', () => {
    const { alice, bob, log } = three();
    const { entry } = log.say(alice, 'true');
    log.append(signAnything(alice.signer, 'message', log.roomId, entry.payload, 'leave'));
    expect(bob.violations).toEqual(['bad-signature']);
  });

  test('cannot sign an entry for another room that names this room', () => {
    const { alice, bob, log } = three();
    const { payload } = composeMessage(alice.author, alice.state, 'true');
    const elsewhere = signAnything(alice.signer, 'message', 'a'.repeat(64), payload);
    log.append(elsewhere);
    expect([bob.texts, bob.violations]).toEqual([[], ['bad-signature']]);
  });

  test("cannot join under another member's name, nor twice", () => {
    const { alice, bob, mallory, log } = three();
    const impostor = new Person('alice');
    log.append(composeJoin(impostor.author, log.roomId, log.entries.length));
    log.append(composeJoin(mallory.author, log.roomId, log.entries.length));
    expect(bob.violations).toEqual(['already-a-member', 'already-a-member']);
    expect(bob.state.members.get(alice.signer.fingerprint)?.user).toBe('alice');
  });

  test('cannot join with a key other than the signing key', () => {
    const { bob, alice, log } = three();
    const eve = new Person('eve');
    const entry = composeJoin(eve.author, log.roomId, log.entries.length);
    const swapped = { ...fieldsOf(entry.payload), key: toBase64url(alice.signer.publicKey) };
    log.append(signAnything(eve.signer, 'join', log.roomId, swapped));
    expect(bob.violations).toEqual(['bad-signature']);
    expect(Object.keys(bob.state.members.toJSON())).toHaveLength(3);
  });

  test("cannot join under a fingerprint other than the key's, nor again under another name", () => {
    const { bob, mallory, log } = three();
    const eve = new Person('eve');
    const entry = composeJoin(eve.author, log.roomId, log.entries.length);
    log.append({ ...entry, by: 'e'.repeat(64) });
    const again = { ...mallory.author, user: 'mallory2' };
    log.append(composeJoin(again, log.roomId, log.entries.length));
    expect(bob.violations).toEqual(['bad-signature', 'already-a-member']);
  });

  test('cannot name another room or another author in a payload', () => {
    const { bob, mallory, log } = three();
    const leave = fieldsOf(composeLeave(mallory.author, mallory.state).payload);
    log.append(signAnything(mallory.signer, 'leave', log.roomId, { ...leave, room: 'b'.repeat(64) }));
    log.append(composeLeave(bob.author, bob.state));
    const epoch = fieldsOf(log.propose(mallory).entry.payload);
    log.append(signAnything(mallory.signer, 'epoch', log.roomId, { ...epoch, author: 'alice' }));
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature']);
  });

  test('cannot send a message before joining', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    log.append({ ...composeMessage(alice.author, alice.state, 'x'), by: eve.signer.fingerprint });
    expect(bob.violations).toEqual(['not-a-member']);
  });

  test('cannot omit one of its own messages that others have read', () => {
    const { bob, mallory, log } = three();
    log.say(mallory, 'one');
    log.append(
      forge(mallory, (content) => {
        content['previous'] = 'd'.repeat(64);
      }),
    );
    expect(bob.violations).toEqual(['missing-messages']);
    log.append(
      forge(mallory, (content) => {
        content['counter'] = 4;
      }),
    );
    expect(bob.violations).toEqual(['missing-messages', 'missing-messages']);
    expect(bob.texts).toEqual(['one', 'forged', 'forged']);
  });

  test('cannot sign a leave for another member', () => {
    const { alice, bob, mallory, log } = three();
    const payload = fieldsOf(composeLeave(alice.author, alice.state).payload);
    log.append(signAnything(mallory.signer, 'leave', log.roomId, payload));
    expect(bob.violations).toEqual(['not-a-member']);
    expect(bob.state.members.get(alice.signer.fingerprint)).toBeDefined();
  });

  test('cannot commit to one key and wrap another', () => {
    const { alice, bob, mallory, log } = three();
    log.leave(alice);
    const proposal = log.propose(mallory);
    const payload = { ...fieldsOf(proposal.entry.payload), commitment: 'ab'.repeat(32) };
    const number = payload.number as number;
    log.putWraps(number, proposal);
    log.append(signAnything(mallory.signer, 'epoch', log.roomId, payload));
    expect(bob.violations).toEqual(['wrong-key']);
    expect(bob.state.secrets[number]).toBeUndefined();
  });

  test('with an invalid prekey is left out, and the room continues', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    // A coefficient of ML-KEM that is not below 3,329.
    const off = eve.prekey.publicKey.slice().fill(0xff, 0, 3);
    eve.prekey = { ...eve.prekey, publicKey: off };
    log.known.add(eve);
    log.append(composeJoin(eve.author, log.roomId, log.entries.length));
    expect(wrappedTo(log.propose(alice))).toEqual([]);
    log.rekey(alice);
    log.say(alice, 'still here');
    expect(bob.texts).toEqual(['still here']);
  });
});
