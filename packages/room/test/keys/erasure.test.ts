import { fromBase64url } from '@chat/protocol';
import { expect, test } from 'vitest';
import { applyEntry, eraseOldSecrets } from '../../src/index.ts';
import { messageKey, stepSecret } from '../../src/keys/schedule.ts';
import { crypto, fieldsOf, Person, three } from '../support/people.ts';

/** Returns every message key that can be derived from a state, for all epochs up to `latest`. */
function keysFrom({ state }: Person, latest: number): Uint8Array[] {
  return Object.entries(state.secrets).flatMap(([number, held]) => {
    const keys: Uint8Array[] = [];
    let secret = fromBase64url(held);
    for (let epoch = Number(number); epoch <= latest; epoch++) {
      for (let named = 1; named <= latest; named++)
        for (const author of Object.keys(state.members.toJSON()))
          keys.push(messageKey(crypto, secret, { roomId: state.room, epochNumber: named, author }));
      secret = stepSecret(crypto, secret, { roomId: state.room, epochNumber: epoch + 1 });
    }
    return keys;
  });
}

test('older keys are erased once the client has the latest one, and their messages stay unreadable', () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  const said = [log.say(alice, 'epoch 3')];
  log.join(carol, alice);
  said.push(log.say(alice, 'epoch 4'));
  log.leave(mallory);
  log.rekey(alice);
  const opens = (keys: readonly Uint8Array[]) =>
    said.map(({ entry }) => keys.some((key) => crypto.decrypt(key, fieldsOf(entry.payload).token) !== null));
  expect(opens(keysFrom(bob, 5))).toEqual([true, true]);

  bob.state = eraseOldSecrets(bob.state);
  expect(Object.keys(bob.state.secrets)).toEqual(['5']);
  expect(opens(keysFrom(bob, 5))).toEqual([false, false]);
  expect(eraseOldSecrets(bob.state)).toBe(bob.state);
});

test('a room with erased keys continues over joins, leaves and epochs', () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  const erase = () => {
    for (const person of log.people) person.state = eraseOldSecrets(person.state);
  };
  erase();
  log.say(bob, 'one');
  log.join(carol, alice);
  erase();
  log.say(carol, 'two');
  log.leave(mallory);
  erase();
  log.rekey(bob);
  erase();
  log.say(alice, 'three');
  expect(bob.texts).toEqual(['one', 'two', 'three']);
  expect(carol.texts).toEqual(['two', 'three']);
  for (const { violations } of [alice, bob, carol]) expect(violations).toEqual([]);
});

test('keys that may lead to a missing latest key are not erased', () => {
  const { alice, bob, mallory, log } = three();
  log.people.splice(log.people.indexOf(bob), 1);
  log.leave(mallory);
  log.rekey(alice);
  const carol = new Person('carol');
  log.join(carol, alice);
  log.say(carol, 'hello');
  // The wrap of epoch 4 arrives late. Epoch 5 is a step from it.
  for (const logged of log.entries.slice(bob.state.head.seq, -1)) {
    bob.take(applyEntry(bob.state, logged, crypto));
    bob.state = eraseOldSecrets(bob.state);
  }
  expect(Object.keys(bob.state.epochs)).toContain('4');
  log.wrap(bob, 4);
  bob.state = eraseOldSecrets(bob.state);
  expect(Object.keys(bob.state.secrets)).toEqual(['5']);
  log.deliver(bob);
  expect(bob.texts).toEqual(['hello']);
});
