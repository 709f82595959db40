import { toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeInvite,
  composeJoin,
  composeLeave,
  composeMessage,
  emptyRoom,
  invitedOf,
  isRemovalPending,
  membersOf,
  restoredRoom,
  type Signer,
  UserMap,
  wasRemoved,
  withAuthorities,
} from '../../src/index.ts';
import { authority, crypto, fieldsOf, Person, signAnything, three } from '../support/people.ts';

const names = ({ state }: Person) => membersOf(state).map(({ user }) => user);

describe('a revoked user', () => {
  test('is no longer a member, and cannot read later messages, which use a fresh key', () => {
    const { alice, bob, mallory, log } = three();
    log.revoke(mallory);
    expect(bob.events.at(-1)).toMatchObject({ kind: 'revoked', user: 'mallory' });
    expect([names(bob), isRemovalPending(bob.state)]).toEqual([['alice', 'bob'], true]);
    expect(thrownCode(() => composeMessage(bob.author, bob.state, 'early'))).toBe('rekey-pending');
    expect(log.propose(alice).recipients).toHaveLength(2);
    log.rekey(alice);
    log.say(alice, 'without mallory');
    expect([bob.texts, mallory.texts]).toEqual([['without mallory'], []]);
    expect([wasRemoved(mallory.state), wasRemoved(bob.state)]).toEqual([true, false]);
  });

  test('can neither join again with that key, under any name, nor be invited', () => {
    const { alice, bob, mallory, log } = three();
    log.revoke(mallory);
    for (const user of ['mallory', 'other']) {
      log.append(composeJoin({ ...mallory.author, user }, log.roomId, log.entries.length));
    }
    const key = toBase64url(mallory.signer.publicKey);
    const invitee = { user: 'mallory', key, verified: true };
    expect(thrownCode(() => composeInvite(alice.author, alice.state, invitee))).toBe('not-allowed');
    log.append(composeInvite(alice.author, { ...alice.state, revoked: UserMap.empty }, invitee));
    expect(bob.violations).toEqual(['revoked', 'revoked', 'revoked']);
    expect([names(bob), invitedOf(bob.state)]).toEqual([['alice', 'bob'], []]);
  });

  test('is no longer invited, and the room replaces the key that this user had', () => {
    const { alice, bob, log } = three();
    const carol = new Person('carol');
    log.invite(alice, carol);
    log.revoke(carol);
    expect([invitedOf(bob.state), isRemovalPending(bob.state)]).toEqual([[], true]);
    expect(log.propose(alice).recipients.map(({ user }) => user)).not.toContain('carol');
  });

  test('has a successor as owner', () => {
    const { alice, bob, log } = three();
    log.revoke(alice);
    expect(bob.events.slice(-2)).toMatchObject([{ kind: 'revoked' }, { kind: 'role', user: 'bob', role: 'owner' }]);
    log.rekey(bob);
    expect(bob.violations).toEqual([]);
  });

  test('who is not in the room is recorded, and the key stays', () => {
    const { bob, log } = three();
    const { epoch, membershipSeq, removalSeq } = bob.state;
    const carol = new Person('carol');
    log.revoke(carol);
    expect(bob.state).toMatchObject({ epoch, membershipSeq, removalSeq });
    log.append(composeJoin(carol.author, log.roomId, log.entries.length));
    expect(bob.violations).toEqual(['revoked']);
  });

  test('is identified by the key, whatever the name in the entry, and is revoked once', () => {
    const { bob, mallory, log } = three();
    const payload = fieldsOf(log.revoke(mallory).entry.payload);
    log.append(signAnything(authority, 'revoke', log.roomId, { ...payload, at: 1 }));
    expect(bob.violations).toEqual(['replayed']);
    log.append(
      signAnything(authority, 'revoke', log.roomId, { ...payload, user: 'x', fingerprint: bob.signer.fingerprint }),
    );
    expect(bob.events.at(-1)).toMatchObject({ kind: 'revoked', user: 'bob' });
  });

  test('is the same in a log that is read again from its first entry', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeLeave(mallory.author, mallory.state));
    log.revoke(mallory);
    const carol = new Person('carol');
    log.join(carol, alice);
    expect(JSON.parse(JSON.stringify(carol.state.revoked))).toEqual(bob.state.revoked.toJSON());
  });
});

describe('a revocation', () => {
  test("is rejected unless the CA's key signed it: no member, not even the owner, can revoke", () => {
    const { alice, bob, mallory, log } = three();
    const payload = (person: Person) => ({
      v: 1,
      type: 'revoke',
      room: log.roomId,
      at: 0,
      user: person.user,
      fingerprint: person.signer.fingerprint,
    });
    log.append(signAnything(alice.signer, 'revoke', log.roomId, payload(mallory)));
    log.append({ ...signAnything(alice.signer, 'revoke', log.roomId, payload(mallory)), by: authority.fingerprint });
    log.append({ ...signAnything(authority, 'revoke', log.roomId, payload(mallory)), by: alice.signer.fingerprint });
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature', 'bad-signature']);
    expect(names(bob)).toHaveLength(3);
  });

  test('counts under each CA of the server, and under no CA before the one that signed the latest', () => {
    const { alice, bob, mallory, log } = three();
    const [carol, dave, next] = [new Person('carol'), new Person('dave'), generateSigner()];
    const keys = [authority, next].map(({ publicKey }) => toBase64url(publicKey));
    for (const person of [alice, bob]) person.state = withAuthorities(person.state, keys, 'f'.repeat(64));
    const revokeUnder = (signer: Signer, { user, signer: { fingerprint } }: Person) =>
      log.append(
        signAnything(signer, 'revoke', log.roomId, {
          v: 1,
          type: 'revoke',
          room: log.roomId,
          at: 0,
          user,
          fingerprint,
        }),
      );
    revokeUnder(authority, mallory);
    revokeUnder(next, carol);
    expect([bob.violations, names(bob)]).toEqual([[], ['alice', 'bob']]);
    // A client that does not know the next CA takes nothing under it.
    expect(mallory.violations).toEqual(['bad-signature']);
    revokeUnder(authority, dave);
    expect(bob.violations).toEqual(['bad-signature']);
    revokeUnder(next, dave);
    expect([bob.violations.length, alice.violations.length]).toEqual([1, 1]);
  });

  test('of a state from before CAs could be renewed counts under its only CA', () => {
    const { bob, mallory, log } = three();
    const { authorities, authorityFrom: _, ...stored } = JSON.parse(JSON.stringify(bob.state));
    bob.state = restoredRoom({ ...stored, authority: authorities[0] });
    log.revoke(mallory);
    expect(bob.violations).toEqual([]);
  });

  test('is valid for its room and its type only', () => {
    const { bob, mallory, log } = three();
    const payload = { v: 1, type: 'revoke', at: 0, user: 'mallory', fingerprint: mallory.signer.fingerprint };
    const other = 'a'.repeat(64);
    log.append(signAnything(authority, 'revoke', other, { ...payload, room: log.roomId }));
    log.append(signAnything(authority, 'revoke', log.roomId, { ...payload, room: other }));
    log.append(signAnything(authority, 'revoke', log.roomId, { ...payload, room: log.roomId }, 'remove'));
    expect(bob.violations).toEqual(['bad-signature', 'bad-signature', 'bad-signature']);
  });

  test('is rejected by a client that knows no CA key', () => {
    const { bob, mallory, log } = three();
    log.revoke(mallory);
    let state = emptyRoom(log.roomId, bob.signer.fingerprint);
    const events = log.entries.flatMap((logged) => {
      const applied = applyEntry(state, logged, crypto);
      state = applied.state;
      return applied.events;
    });
    expect(events.at(-1)).toMatchObject({ code: 'bad-signature' });
    expect(membersOf(state)).toHaveLength(3);
  });
});
