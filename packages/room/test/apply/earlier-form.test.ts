/** Entries in the form before version 3 of the protocol stay valid, in any order with those of the present form. */
import { decodePayload, encodeMessageContent, encodePayload, roomIdOf } from '@chat/protocol';
import { expect, test } from 'vitest';
import { applyEntry, composeJoin, composeLeave, emptyRoom } from '../../src/index.ts';
import { legacyMessageKey, messageKey } from '../../src/keys/schedule.ts';
import { earlierMessage, inJson, secretOf } from '../support/earlier-form.ts';
import { crypto, Person, signAnything, three } from '../support/people.ts';

test('members read messages and control entries in JSON, and newcomers judge them', () => {
  const { alice, bob, mallory, log } = three();
  log.append(earlierMessage(alice, 'in JSON'));
  log.say(alice, 'binary');
  log.append(earlierMessage(alice, 'in JSON again'));
  log.append(inJson(mallory, log.roomId, composeLeave(mallory.author, mallory.state)));
  log.rekey(alice);
  const carol = new Person('carol');
  log.enter(carol);
  log.append(inJson(carol, log.roomId, composeJoin(carol.author, log.roomId, log.entries.length)));
  log.rekey(bob);
  log.append(earlierMessage(bob, 'to carol'));
  expect(bob.texts).toEqual(['in JSON', 'binary', 'in JSON again', 'to carol']);
  expect(carol.texts).toEqual(['to carol']);
  for (const { violations } of [alice, bob, carol]) expect(violations).toEqual([]);
});

test('a room whose first entry is JSON has its hash as its id', () => {
  const alice = new Person('alice');
  const { entry } = alice.create('archive', { join: 'open', history: 'since-join' });
  const earlier = signAnything(
    alice.signer,
    'create',
    '',
    new TextEncoder().encode(JSON.stringify(decodePayload(entry.payload))),
  );
  const roomId = roomIdOf(earlier.payload);
  const { state, events } = applyEntry(emptyRoom(roomId, 'f'.repeat(64)), { seq: 1, at: 0, entry: earlier }, crypto);
  expect([state.name, events.map(({ kind }) => kind)]).toEqual(['archive', ['created']]);
});

test('a message in JSON names the room, epoch and author in its content, which its key does not bind', () => {
  const { bob, mallory, alice, log } = three();
  const forged = earlierMessage(mallory, 'forged', { content: { author: alice.signer.fingerprint } });
  log.append({ ...forged, by: alice.signer.fingerprint });
  log.append(forged);
  log.append(earlierMessage(mallory, 'forged', { content: { room: 'a'.repeat(64) } }));
  log.append(earlierMessage(mallory, 'forged', { content: { epoch: 1 } }));
  log.append(earlierMessage(mallory, 'forged', { payload: { room: 'a'.repeat(64) } }));
  log.append(earlierMessage(mallory, 'forged', { payload: { token: 'no token' } }));
  log.append(earlierMessage(mallory, 'forged', { payload: { more: 1 } }));
  expect(bob.violations).toEqual([
    ...['bad-signature', 'damaged', 'damaged', 'damaged', 'bad-signature', 'damaged', 'malformed'],
  ]);
  expect(bob.texts).toEqual([]);
});

test('content and key of one form are not valid in a payload of the other', () => {
  const { bob, mallory, log } = three();
  const place = { roomId: log.roomId, epochNumber: mallory.state.epoch?.number ?? 0 };
  const secret = secretOf(mallory);
  const own = messageKey(crypto, secret, { ...place, author: mallory.signer.fingerprint });
  log.append(earlierMessage(mallory, 'under the key of the other form', { key: own }));
  const { counter, last } = mallory.state.authors.get(mallory.signer.fingerprint) ?? { counter: 0, last: '' };
  const body = { kind: 'text', text: 'under the key of the other form' } as const;
  const content = encodeMessageContent({ counter: counter + 1, previous: last, at: 1, body });
  const json = new Uint8Array(511).fill(0x20);
  json.set(new TextEncoder().encode(JSON.stringify({ counter: counter + 1, previous: last, at: 1, body })));
  const attempts = [
    [legacyMessageKey(crypto, secret, place), content],
    [own, json],
  ] as const;
  for (const [key, plaintext] of attempts) {
    const token = crypto.encrypt(key, plaintext, 1);
    const payload = { type: 'message', epoch: place.epochNumber, head: mallory.state.head, token };
    log.append(signAnything(mallory.signer, 'message', log.roomId, encodePayload(payload)));
  }
  expect([bob.texts, bob.violations]).toEqual([[], ['damaged', 'damaged', 'damaged']]);
});
