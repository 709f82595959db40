import { knockDomain, toBase64url, utf8 } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { composeKnock, composeRemove, readKnock } from '../../src/index.ts';
import { crypto, Person, three } from '../support/people.ts';

/** Signs any text as a knock at this room. */
function forged({ signer }: Person, room: string, payload: object, domain: object = {}) {
  const text = JSON.stringify(payload);
  const signature = signer.sign({ ...knockDomain(room), ...domain }, utf8(text));
  return { payload: text, by: signer.fingerprint, signature: toBase64url(signature) };
}

describe('a knock', () => {
  test('names the user and the key to invite', () => {
    const { alice, log } = three();
    const eve = new Person('eve');
    expect(readKnock(alice.state, composeKnock(eve.author, log.roomId), crypto)).toEqual({
      user: 'eve',
      fingerprint: eve.signer.fingerprint,
      key: toBase64url(eve.signer.publicKey),
    });
  });

  test('is rejected unless its author signed it, for this room and as a knock', () => {
    const { alice, bob, log } = three();
    const eve = new Person('eve');
    const honest = composeKnock(eve.author, log.roomId);
    const payload = JSON.parse(honest.payload);
    const own = { ...payload, key: toBase64url(bob.signer.publicKey) };
    const other = 'a'.repeat(64);
    const read = (knock: typeof honest) => readKnock(alice.state, knock, crypto);
    expect(read(forged(eve, log.roomId, payload))).not.toBeNull();
    expect(read(composeKnock(eve.author, other))).toBeNull();
    expect(read(forged(eve, log.roomId, { ...payload, room: other }))).toBeNull();
    expect(read(forged(eve, other, payload))).toBeNull();
    expect(read(forged(eve, log.roomId, payload, { purpose: 'room.join' }))).toBeNull();
    expect(read(forged(eve, log.roomId, own))).toBeNull();
    expect(read({ ...forged(bob, log.roomId, payload), by: eve.signer.fingerprint })).toBeNull();
    expect(read({ ...forged(bob, log.roomId, own), by: eve.signer.fingerprint })).toBeNull();
    expect(read({ ...honest, payload: honest.payload.replace('"eve"', '"bob"') })).toBeNull();
    expect(read({ ...honest, payload: 'nothing' })).toBeNull();
  });

  test('of a member, or of an invited, removed or revoked user, is rejected', () => {
    const { alice, bob, mallory, log } = three();
    const [carol, dave] = [new Person('carol'), new Person('dave')];
    const read = (person: Person, user = person.user) =>
      readKnock(alice.state, composeKnock({ ...person.author, user }, log.roomId), crypto);
    log.invite(alice, carol);
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    log.revoke(dave);
    expect([bob, carol, mallory, dave].map((person) => read(person))).toEqual([null, null, null, null]);
    expect([read(new Person('erin'), 'bob'), read(bob, 'bobby'), read(new Person('erin'), 'mallory')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
